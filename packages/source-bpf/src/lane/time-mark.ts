/**
 * Up to which event time a lane has read everything.
 *
 * The program takes an event's time after it has reserved its slot. So whatever is reserved behind a position that was read at time T is of T or later: not in the order of
 * its time, as CPUs interleave, but not older than T. A mark is such a pair of position and time; once the lane has walked to the position, T has passed. There is
 * one mark at a time, the next is set when it has been passed.
 *
 * WINDOW_US is taken off for what the clocks differ by: the program's is the kernel's fast one, which may lag a little behind while it is adjusted
 * (ktime_get_boot_fast_ns of kernel/time/timekeeping.c).
 */
export const WINDOW_US = 1000;

export class TimeMark {
  #isSet: boolean;
  #position: number;
  #timeUs: number;
  #passedUs: number;

  constructor(startUs: number) {
    this.#isSet = false;
    this.#position = 0;
    this.#timeUs = 0;
    this.#passedUs = Math.max(0, startUs - WINDOW_US);
  }

  /** No event that is read from here on is older, us since boot. */
  get passedUs(): number {
    return this.#passedUs;
  }

  /** Whether `set` would do nothing. */
  get isSet(): boolean {
    return this.#isSet;
  }

  /** Sets the mark, unless there is one: `position` is how much was reserved, modulo 2^32, read after the clock. */
  set(timeUs: number, position: number): void {
    if (this.#isSet) return;
    this.#isSet = true;
    this.#timeUs = timeUs;
    this.#position = position;
  }

  /** The lane has walked to `position`, modulo 2^32. */
  walkTo(position: number): void {
    // As signed numbers: both are less than 2^31 apart (R3).
    if (!this.#isSet || ((position - this.#position) | 0) < 0) return;
    this.#isSet = false;
    this.#passedUs = Math.max(this.#passedUs, this.#timeUs - WINDOW_US);
  }

  /** The source has ended at this time. */
  end(timeUs: number): void {
    this.#isSet = false;
    this.#passedUs = Math.max(this.#passedUs, timeUs);
  }
}
