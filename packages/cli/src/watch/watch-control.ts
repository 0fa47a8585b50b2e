/*
 * What the main thread and the lanes of `watch` share, so that a terminal that takes nothing holds back nobody.
 *
 *   word  field  writer  meaning
 *   ----  -----  ------  -----------------------------------------
 *      n  drawn  main    pages of lane n that are on the terminal
 *
 * Invariant
 *   W1  A lane has at most one page under way: it sends the next one once `drawn` is the number of those it has sent. What comes in between is counted, not kept.
 */
/** The shared words of a `watch`. */
export class WatchControl {
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.memory = memory;
    this.#words = new Int32Array(memory);
  }

  static allocate(lanes: number): WatchControl {
    return new WatchControl(new SharedArrayBuffer(lanes * 4));
  }

  /** Main thread: a page of the lane is on the terminal. */
  pageDrawn(lane: number): void {
    // PAIRS WITH the load in isDrawn: it orders nothing, the page itself came in a message.
    Atomics.add(this.#words, lane, 1);
  }

  /** Lane: whether all pages it sent are on the terminal. */
  isDrawn(lane: number, pagesSent: number): boolean {
    return Atomics.load(this.#words, lane) === pagesSent;
  }
}
