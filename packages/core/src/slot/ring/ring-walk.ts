import { Kind } from '../../schema/kind.ts';
import { SLOT_LENGTH, SLOT_WORDS } from '../layout.ts';
import { slotStep, STEP_BUSY, STEP_DAMAGED } from '../slot-step.ts';

/* Slots looked at per turn where their length words are all the usual one. */
const GROUP_WORDS = 4 * SLOT_WORDS;
/* The processor keeps loads in the order of the program, and the engine keeps those of shared memory so too: what a published length word promises holds for plain loads. */
const HAS_ORDERED_LOADS = process.arch === 'x64';

/* Kinds 4 and 5: they differ in the lowest bit. */
function isMarker(kindWord: number): number {
  return (kindWord & 0xfe) === Kind.LOSS_MARKER ? 1 : 0;
}

/**
 * Finds how much of a ring may be handed over in one piece: whole slots that are published. Reads the first cache line of each slot, which the scan of the
 * same span then finds in the cache; so a span never holds a BUSY slot, ends on a slot, and what it holds is known.
 *
 * Four slots of the usual length in a turn, as the scan does: where each slot's place waits for the length word before it, so do the cache lines, one by one. And by plain loads: an
 * Atomics.load is a call, 8 ns a slot, four times what else there is to do. Together they take two thirds off the walk (bench/src/kernel, `drain`).
 */
export class RingWalk {
  /** Word index of the first slot not walked. */
  endWord: number;
  /** Of the walked slots: op events, snapshots and summaries. */
  events: number;
  /** Of the walked slots: loss markers and clock anchors. */
  markers: number;
  /** Event time of the last slot walked that is not DISCARD, us since boot; -1 without one. */
  lastTimeUs: number;
  isBusy: boolean;
  isDamaged: boolean;
  #groupMarkers: number;

  constructor() {
    this.endWord = 0;
    this.events = 0;
    this.markers = 0;
    this.lastTimeUs = -1;
    this.isBusy = false;
    this.isDamaged = false;
    this.#groupMarkers = 0;
  }

  /** Walks [startWord, endWord), at most `maxSlots` slots, skipped ones included. BUSY is damage where it may not be (S5). */
  run(
    words: Uint32Array,
    startWord: number,
    endWord: number,
    maxSlots: number,
    mayBeBusy: boolean,
  ): void {
    let word = startWord;
    let events = 0;
    let markers = 0;
    let lastWord = -1;
    let step = 1;
    for (let slots = 0; slots < maxSlots && word < endWord; slots++) {
      const afterGroups =
        mayBeBusy && !HAS_ORDERED_LOADS
          ? word
          : this.#groups(words, word, Math.min(endWord, word + (maxSlots - slots) * SLOT_WORDS));
      if (afterGroups !== word) {
        const passed = (afterGroups - word) / SLOT_WORDS;
        markers += this.#groupMarkers;
        events += passed - this.#groupMarkers;
        slots += passed - 1;
        word = afterGroups;
        lastWord = word - SLOT_WORDS;
        continue;
      }
      // ORDER: the length word (Atomics.load) → the record (plain loads). PAIRS WITH the xchg that clears BUSY in bpf_ringbuf_commit (kernel/bpf/ringbuf.c).
      // A SAB ring needs none: its producer position moves past a slot only when BUSY is clear (R6).
      const lengthWord = mayBeBusy ? Atomics.load(words, word) : words[word]!;
      step = slotStep(lengthWord, (endWord - word) * 4);
      if (step > 0) {
        const isOneMarker = isMarker(words[word + 2]!);
        markers += isOneMarker;
        events += 1 - isOneMarker;
        lastWord = word;
        word += step >>> 2;
      } else if (step < STEP_DAMAGED) {
        word += -step >>> 2;
      } else {
        break;
      }
    }
    this.endWord = word;
    this.events = events;
    this.markers = markers;
    this.lastTimeUs =
      lastWord < 0 ? -1 : words[lastWord + 5]! * 4294967.296 + words[lastWord + 4]! / 1000;
    this.isBusy = step === STEP_BUSY && mayBeBusy;
    this.isDamaged = step === STEP_DAMAGED || (step === STEP_BUSY && !mayBeBusy);
  }

  /**
   * Walks groups of published slots of the usual length; where they end. What they hold is in #groupMarkers.
   *
   * ORDER: each length word → its record, kept by the processor (HAS_ORDERED_LOADS), as libbpf's acquiring load of it is a plain one there too; then the last length word once more
   * (Atomics.load) → whatever the caller reads of the records: no engine may move that before it. PAIRS WITH the same xchg. In a SAB ring the position has ordered all of it (R6).
   */
  #groups(words: Uint32Array, startWord: number, endWord: number): number {
    const lastGroup = endWord - GROUP_WORDS;
    let word = startWord;
    let markers = 0;
    while (
      word <= lastGroup &&
      words[word] === SLOT_LENGTH &&
      words[word + SLOT_WORDS] === SLOT_LENGTH &&
      words[word + 2 * SLOT_WORDS] === SLOT_LENGTH &&
      words[word + 3 * SLOT_WORDS] === SLOT_LENGTH
    ) {
      markers +=
        isMarker(words[word + 2]!) +
        isMarker(words[word + SLOT_WORDS + 2]!) +
        isMarker(words[word + 2 * SLOT_WORDS + 2]!) +
        isMarker(words[word + 3 * SLOT_WORDS + 2]!);
      word += GROUP_WORDS;
    }
    if (word !== startWord) Atomics.load(words, word - SLOT_WORDS);
    this.#groupMarkers = markers;
    return word;
  }
}
