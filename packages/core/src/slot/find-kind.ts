import { SLOT_LENGTH, SLOT_WORDS } from './layout.ts';
import type { SlotSpan } from './slot-span.ts';
import { slotStep, STEP_BUSY, STEP_DAMAGED } from './slot-step.ts';

const KIND_WORD = 2;
/* Slots looked at per turn where their length words are all the usual one: the place of a slot then does not wait for the length before it to come from memory. */
const GROUP_WORDS = 4 * SLOT_WORDS;

/** Word index of the first slot of the span from `startWord` on that is of this kind; the span's end where there is none before a busy slot or damage. Walks by {@link slotStep}. */
export function findKind(span: SlotSpan, startWord: number, kind: number): number {
  const m = span.memory.u32;
  const { endWord, mayBeBusy } = span;
  let w = startWord;
  while (w < endWord) {
    if (!mayBeBusy) w = passOthers(m, w, endWord - GROUP_WORDS, kind);
    if (w >= endWord) break;
    // ORDER: the length word (Atomics.load) → the record (plain loads). PAIRS WITH the store that clears BUSY (S3).
    const step = slotStep(mayBeBusy ? Atomics.load(m, w) : m[w]!, (endWord - w) * 4);
    if (step === STEP_BUSY || step === STEP_DAMAGED) break;
    if (step > 0 && (m[w + KIND_WORD]! & 0xff) === kind) return w;
    w += Math.abs(step) >>> 2;
  }
  return endWord;
}

/** Passes groups of slots of the usual length without one of the kind. */
function passOthers(m: Uint32Array, start: number, lastGroup: number, kind: number): number {
  let w = start;
  while (
    w <= lastGroup &&
    m[w] === SLOT_LENGTH &&
    m[w + SLOT_WORDS] === SLOT_LENGTH &&
    m[w + 2 * SLOT_WORDS] === SLOT_LENGTH &&
    m[w + 3 * SLOT_WORDS] === SLOT_LENGTH
  ) {
    const isNone =
      (m[w + KIND_WORD]! & 0xff) !== kind &&
      (m[w + SLOT_WORDS + KIND_WORD]! & 0xff) !== kind &&
      (m[w + 2 * SLOT_WORDS + KIND_WORD]! & 0xff) !== kind &&
      (m[w + 3 * SLOT_WORDS + KIND_WORD]! & 0xff) !== kind;
    if (!isNone) break;
    w += GROUP_WORDS;
  }
  return w;
}
