import { type SlotSpan, walkSlots } from '@sockflow/core';

const TIME_WORD = 4;
/** Slots of a block of the usual size; grows where one has more. */
const FIRST_SLOTS = 2048;

/** Where the slots of a span begin, and their times. VALID UNTIL the next span is read. */
export class SpanTimes {
  count = 0;
  #words = new Uint32Array(FIRST_SLOTS);
  #timesUs = new Float64Array(FIRST_SLOTS);
  /** For each slot, the earliest time of it and of those behind it. */
  #earliestUs = new Float64Array(FIRST_SLOTS);

  read(span: SlotSpan): void {
    const { u32 } = span.memory;
    let count = 0;
    walkSlots(span, (word) => {
      if (count === this.#words.length) this.#grow();
      this.#words[count] = word;
      const low = u32[word + TIME_WORD] ?? 0;
      const high = u32[word + TIME_WORD + 1] ?? 0;
      this.#timesUs[count] = (high * 0x100000000 + low) / 1000;
      count++;
    });
    this.count = count;
    let earliestUs = Infinity;
    for (let index = count - 1; index >= 0; index--) {
      earliestUs = Math.min(earliestUs, this.#timesUs[index] ?? 0);
      this.#earliestUs[index] = earliestUs;
    }
  }

  /** Word index of a slot. */
  word(index: number): number {
    return this.#words[index] ?? 0;
  }

  /** Time of a slot, us since boot. */
  timeUs(index: number): number {
    return this.#timesUs[index] ?? 0;
  }

  /** The earliest time of a slot and of those behind it, us since boot. */
  earliestUs(index: number): number {
    return this.#earliestUs[index] ?? 0;
  }

  #grow(): void {
    const words = new Uint32Array(this.#words.length * 2);
    words.set(this.#words);
    this.#words = words;
    const timesUs = new Float64Array(words.length);
    timesUs.set(this.#timesUs);
    this.#timesUs = timesUs;
    this.#earliestUs = new Float64Array(words.length);
  }
}
