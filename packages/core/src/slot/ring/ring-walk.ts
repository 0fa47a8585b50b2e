import { Kind } from '../../schema/kind.ts';
import { slotStep, STEP_BUSY, STEP_DAMAGED } from '../slot-step.ts';

/**
 * Finds how much of a ring may be handed over in one piece: whole slots that are published. Reads the first cache line of each slot, which the scan of the
 * same span then finds in the cache; so a span never holds a BUSY slot, ends on a slot, and what it holds is known.
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

  constructor() {
    this.endWord = 0;
    this.events = 0;
    this.markers = 0;
    this.lastTimeUs = -1;
    this.isBusy = false;
    this.isDamaged = false;
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
      // ORDER: the length word (Atomics.load) → the record (plain loads). PAIRS WITH the xchg that clears BUSY in bpf_ringbuf_commit (kernel/bpf/ringbuf.c).
      // A SAB ring needs none: its producer position moves past a slot only when BUSY is clear (R6).
      const lengthWord = mayBeBusy ? Atomics.load(words, word) : words[word]!;
      step = slotStep(lengthWord, (endWord - word) * 4);
      if (step > 0) {
        const kind = words[word + 2]! & 0xff;
        if (kind === Kind.LOSS_MARKER || kind === Kind.CLOCK_ANCHOR) markers++;
        else events++;
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
}
