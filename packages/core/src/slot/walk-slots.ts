import type { SlotSpan } from './slot-span.ts';
import { slotStep, slotsInDamage, STEP_BUSY, STEP_DAMAGED } from './slot-step.ts';

/** Called for each slot, in order: its word index in the span's memory and its bytes, header included. */
export type SlotVisitor = (word: number, bytes: number) => void;

/** How a walk ended. */
export interface SlotWalk {
  /** `end`: everything was walked. `busy`: at a slot still being written. `damaged`: at what is no slot (S5). */
  readonly ended: 'end' | 'busy' | 'damaged';
  /** Word index where it ended. */
  readonly endWord: number;
  /** Slots visited. */
  readonly slots: number;
  /** Slots skipped for their DISCARD bit. */
  readonly discarded: number;
  /** Bytes from the damage to the end of the span, and the slots that they count as. */
  readonly badBytes: number;
  readonly badSlots: number;
}

/**
 * Walks the slots of a span, for whoever is not in a hurry: validators, statistics, tests. Lanes scan with a loop made for their plan, by the same rules
 * ({@link slotStep}). BUSY in a span that may not hold it is damage.
 */
export function walkSlots(span: SlotSpan, visit: SlotVisitor): SlotWalk {
  const words = span.memory.u32;
  const { endWord, mayBeBusy } = span;
  let word = span.startWord;
  let slots = 0;
  let discarded = 0;
  let ended: SlotWalk['ended'] = 'end';
  while (word < endWord) {
    // ORDER: the length word (Atomics.load) → the record (plain loads). PAIRS WITH the store that clears BUSY (S3): without it the record could be torn.
    const lengthWord = mayBeBusy ? Atomics.load(words, word) : words[word]!;
    const step = slotStep(lengthWord, (endWord - word) * 4);
    if (step > 0) {
      visit(word, step);
      slots++;
      word += step >>> 2;
    } else if (step < STEP_DAMAGED) {
      discarded++;
      word += -step >>> 2;
    } else {
      ended = step === STEP_BUSY && mayBeBusy ? 'busy' : 'damaged';
      break;
    }
  }
  const badBytes = ended === 'damaged' ? (endWord - word) * 4 : 0;
  return { ended, endWord: word, slots, discarded, badBytes, badSlots: slotsInDamage(badBytes) };
}
