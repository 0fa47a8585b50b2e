import { COUNTERS_OFFSET, PUBLISHED_I32 } from './layout.ts';

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
  readonly #sets: readonly [Int32Array, Int32Array];
  readonly #counts: Float64Array;
  /** The same memory as `#counts`. */
  readonly #words: Int32Array;
  #published: number;

  constructor(control: SharedArrayBuffer, counterCount: number) {
    this.#control = new Int32Array(control, 0, COUNTERS_OFFSET / 4);
    this.#sets = [
      new Int32Array(control, COUNTERS_OFFSET, counterCount * 2),
      new Int32Array(control, COUNTERS_OFFSET + counterCount * 8, counterCount * 2),
    ];
    this.#counts = new Float64Array(counterCount);
    this.#words = new Int32Array(this.#counts.buffer);
    this.#published = 0;
  }

  add(index: number, amount: number): void {
    this.#counts[index] = (this.#counts[index] ?? 0) + amount;
  }

  get(index: number): number {
    return this.#counts[index] ?? 0;
  }

  /**
   * ORDER: published (Atomics.store, the call before) → the other set (Atomics.store of each word that changed) → published (Atomics.store).
   *   PAIRS WITH the loads in readCounters. The words are stored atomically, since plain stores could be seen before an earlier atomic one: a reader would then
   *   find words of the next set under the number of the last.
   */
  publish(): void {
    this.#published = (this.#published + 1) | 0;
    const set = this.#sets[(this.#published & 1) as 0 | 1];
    const words = this.#words;
    for (let index = 0; index < words.length; index++) {
      const word = words[index] ?? 0;
      // Nobody else writes here: a plain load tells whether it changed.
      if (set[index] !== word) Atomics.store(set, index, word);
    }
    Atomics.store(this.#control, PUBLISHED_I32, this.#published);
  }
}
