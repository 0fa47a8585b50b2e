/*
 * What the lanes of a paced replay share: one start, and how each of them kept up.
 *
 *   offset   bytes  field      writer            meaning
 *   -------  -----  ---------  ----------------  ---------------------------------------------------------------
 *        0       8  start      first lane, once  CLOCK_MONOTONIC, ns, when the first event is due; 0 as long as no lane has one
 *   8 + 16n      8  behind     lane n            f64: how late an event was given at most, ms
 *  16 + 16n      8  not due    lane n            f64: events read and not given, when the lane closed
 *
 * Invariants
 *   P1  `start` is set once: lanes that find it set go by it, so the order of the original holds across them.
 *   P2  The others are plain: a lane writes its own, the main thread reads them after all lanes have ended.
 */
const START_I64 = 0;
const LANES_F64 = 1;
const LANE_F64 = 2;

/** The other lanes read their first block while the first event's time comes, ns. */
const LEAD_NS = 5_000_000n;

/** The shared words of a paced replay. */
export class PaceBoard {
  readonly memory: SharedArrayBuffer;
  readonly #big: BigInt64Array;
  readonly #f64: Float64Array;

  constructor(memory: SharedArrayBuffer) {
    this.memory = memory;
    this.#big = new BigInt64Array(memory);
    this.#f64 = new Float64Array(memory);
  }

  static allocate(lanes: number): PaceBoard {
    return new PaceBoard(new SharedArrayBuffer((LANES_F64 + lanes * LANE_F64) * 8));
  }

  /** Starts the clock unless another lane has. @returns when the first event is due, CLOCK_MONOTONIC, ns */
  start(): bigint {
    const proposedNs = process.hrtime.bigint() + LEAD_NS;
    const setNs = Atomics.compareExchange(this.#big, START_I64, 0n, proposedNs);
    return setNs === 0n ? proposedNs : setNs;
  }

  behind(lane: number, behindMs: number): void {
    const index = LANES_F64 + lane * LANE_F64;
    if (behindMs > (this.#f64[index] ?? 0)) this.#f64[index] = behindMs;
  }

  notDue(lane: number, events: number): void {
    this.#f64[LANES_F64 + lane * LANE_F64 + 1] = events;
  }

  /** By how much the latest of all lanes was late at most, ms. */
  get behindMs(): number {
    let most = 0;
    for (let index = LANES_F64; index < this.#f64.length; index += LANE_F64) {
      most = Math.max(most, this.#f64[index] ?? 0);
    }
    return most;
  }

  get eventsNotDue(): number {
    let sum = 0;
    for (let index = LANES_F64 + 1; index < this.#f64.length; index += LANE_F64) {
      sum += this.#f64[index] ?? 0;
    }
    return sum;
  }
}
