import {
  ANCHORS_OFFSET,
  END_TIME_OFFSET,
  GAP_START_OFFSET,
  HAS_GAP_OFFSET,
  LANE_BYTES,
  LANES_OFFSET,
  RING_FULL_OFFSET,
  SHED_FIRST_OFFSET,
  SHED_LAST_OFFSET,
  STATE_OFFSET,
} from './layout.ts';

/** Losses of a lane that no marker in its ring tells. */
export interface FinalGap {
  readonly startNs: bigint;
  readonly ringFull: number;
  readonly shedFirst: number;
  readonly shedLast: number;
}

/** The control block, as main and lanes use it (layout.ts, C1-C3). */
export class SourceControl {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #big: BigUint64Array;

  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer);
    this.#big = new BigUint64Array(buffer);
  }

  static allocate(lanes: number): SourceControl {
    return new SourceControl(new SharedArrayBuffer(LANES_OFFSET + lanes * LANE_BYTES));
  }

  /**
   * Main only, once: nothing will be submitted any more.
   *
   * ORDER: gaps, end time (plain stores) → state (Atomics.store). PAIRS WITH isEnded. A lane that saw the state first could end without the gap (C1).
   */
  end(endNs: bigint, gaps: readonly (FinalGap | undefined)[]): void {
    this.#big[END_TIME_OFFSET / 8] = endNs;
    for (const [lane, gap] of gaps.entries()) {
      if (gap === undefined) continue;
      const at = laneOffset(lane);
      this.#big[(at + GAP_START_OFFSET) / 8] = gap.startNs;
      this.#big[(at + RING_FULL_OFFSET) / 8] = BigInt(gap.ringFull);
      this.#big[(at + SHED_FIRST_OFFSET) / 8] = BigInt(gap.shedFirst);
      this.#big[(at + SHED_LAST_OFFSET) / 8] = BigInt(gap.shedLast);
      this.#words[(at + HAS_GAP_OFFSET) / 4] = 1;
    }
    Atomics.store(this.#words, STATE_OFFSET / 4, 1);
  }

  /**
   * Any thread.
   *
   * ORDER: state (Atomics.load) → gaps, end time, the ring's producer position. PAIRS WITH end: whoever sees it ended sees all that was submitted (C2).
   */
  get isEnded(): boolean {
    return Atomics.load(this.#words, STATE_OFFSET / 4) === 1;
  }

  /** Once ended: boot time after the last event, ns. */
  get endNs(): bigint {
    return this.#big[END_TIME_OFFSET / 8] ?? 0n;
  }

  /** Once ended: what the lane's last loss marker must tell. */
  gapOf(lane: number): FinalGap | undefined {
    const at = laneOffset(lane);
    if (this.#words[(at + HAS_GAP_OFFSET) / 4] !== 1) return undefined;
    const count = (offset: number): number => Number(this.#big[(at + offset) / 8] ?? 0n);
    return {
      startNs: this.#big[(at + GAP_START_OFFSET) / 8] ?? 0n,
      ringFull: count(RING_FULL_OFFSET),
      shedFirst: count(SHED_FIRST_OFFSET),
      shedLast: count(SHED_LAST_OFFSET),
    };
  }

  /** The lane only: it makes a clock anchor after its first (C3). */
  addAnchor(lane: number): void {
    Atomics.add(this.#words, (laneOffset(lane) + ANCHORS_OFFSET) / 4, 1);
  }

  /** Clock anchors of a lane, its first included. */
  anchorsOf(lane: number): number {
    return 1 + Atomics.load(this.#words, (laneOffset(lane) + ANCHORS_OFFSET) / 4);
  }
}

function laneOffset(lane: number): number {
  return LANES_OFFSET + lane * LANE_BYTES;
}
