import { COUNTERS_OFFSET, SEQUENCE_I32 } from './layout.ts';

/** The counters of one lane, by index (LedgerLayout). Lane's thread. */
export interface CounterTable {
  add(index: number, amount: number): void;
  get(index: number): number;
  /** Makes what was counted so far visible to the main thread, as one set. */
  publish(): void;
}

/** A lane's counters: counted in memory of the lane's own, published into its control block once a turn. */
export class PublishedCounters implements CounterTable {
  readonly #control: Int32Array;
  readonly #published: Float64Array;
  readonly #counts: Float64Array;

  constructor(control: SharedArrayBuffer, counterCount: number) {
    this.#control = new Int32Array(control, 0, COUNTERS_OFFSET / 4);
    this.#published = new Float64Array(control, COUNTERS_OFFSET, counterCount);
    this.#counts = new Float64Array(counterCount);
  }

  add(index: number, amount: number): void {
    this.#counts[index] = (this.#counts[index] ?? 0) + amount;
  }

  get(index: number): number {
    return this.#counts[index] ?? 0;
  }

  /**
   * ORDER: sequence odd (Atomics.add) → counters (plain stores) → sequence even (Atomics.add).
   *   PAIRS WITH the two loads in readCounters. Plain f64 stores may be seen late or torn; a reader that saw the same even sequence before and after its
   *   plain loads has read none that was being written. Publishing the even value first would pass half of a set for a whole one.
   */
  publish(): void {
    Atomics.add(this.#control, SEQUENCE_I32, 1);
    this.#published.set(this.#counts);
    Atomics.add(this.#control, SEQUENCE_I32, 1);
  }
}
