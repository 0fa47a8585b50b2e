import { Kind, LANE_BUCKETS, type SlotSpan, walkSlots } from '@sockflow/core';

import type { WantedTime } from './pace.ts';

const KIND_WORD = 2;
const TIME_WORD = 4;
const LANE_KEY_WORD = 11;
/** Slots of a block of the usual size; grows where one has more. */
const FIRST_SLOTS = 2048;

/** Where the slots of a span begin, and their times, us since boot. VALID UNTIL the next span is read. */
export class SpanTimes {
  count = 0;
  /** Whether what is behind the last slot is none. */
  isDamaged = false;
  /** Index behind the last marker; 0 where there is none. */
  markersEnd = 0;
  /** The lane buckets of its events, 0-31 and 32-63. The block's header may have more: those of markers. */
  lowBuckets = 0;
  highBuckets = 0;
  #words = new Uint32Array(FIRST_SLOTS);
  /** When it is due; -Infinity where nobody wants it: it is not waited for. */
  #dueUs = new Float64Array(FIRST_SLOTS);
  /** For each slot, the earliest time of it and of those behind it. */
  #earliestUs = new Float64Array(FIRST_SLOTS);

  read(span: SlotSpan, wanted: WantedTime): void {
    const { u32 } = span.memory;
    let count = 0;
    this.markersEnd = 0;
    this.lowBuckets = 0;
    this.highBuckets = 0;
    const { ended } = walkSlots(span, (word) => {
      if (count === this.#words.length) this.#grow();
      this.#words[count] = word;
      const low = u32[word + TIME_WORD] ?? 0;
      const high = u32[word + TIME_WORD + 1] ?? 0;
      this.#earliestUs[count] = (high * 0x100000000 + low) / 1000;
      count++;
      const kind = (u32[word + KIND_WORD] ?? 0) & 0xff;
      const bucket = (u32[word + LANE_KEY_WORD] ?? 0) & (LANE_BUCKETS - 1);
      if (kind === Kind.LOSS_MARKER || kind === Kind.CLOCK_ANCHOR) this.markersEnd = count;
      else if (bucket < 32) this.lowBuckets |= 1 << bucket;
      else this.highBuckets |= 1 << (bucket & 31);
    });
    this.count = count;
    this.isDamaged = ended !== 'end';
    let earliestUs = Infinity;
    for (let index = count - 1; index >= 0; index--) {
      const timeUs = this.#earliestUs[index] ?? 0;
      this.#dueUs[index] = timeUs < wanted.startUs || timeUs >= wanted.endUs ? -Infinity : timeUs;
      earliestUs = Math.min(earliestUs, timeUs);
      this.#earliestUs[index] = earliestUs;
    }
  }

  /** Word index of a slot. */
  word(index: number): number {
    return this.#words[index] ?? 0;
  }

  dueUs(index: number): number {
    return this.#dueUs[index] ?? Infinity;
  }

  /** The earliest time of a slot and of those behind it; Infinity behind the last. */
  earliestUs(index: number): number {
    return index < this.count ? (this.#earliestUs[index] ?? 0) : Infinity;
  }

  #grow(): void {
    const words = new Uint32Array(this.#words.length * 2);
    words.set(this.#words);
    this.#words = words;
    const earliestUs = new Float64Array(words.length);
    earliestUs.set(this.#earliestUs);
    this.#earliestUs = earliestUs;
    this.#dueUs = new Float64Array(words.length);
  }
}
