import type { BlockTable } from '../reader/block-table.ts';

/**
 * The event time of each origin while the blocks pass, us: up to it, everything has come. In a window of several groups a later block may begin before an earlier one ends; so it is
 * the smaller of the latest time passed and the earliest time to come.
 */
export class OriginClocks {
  readonly #blocks: BlockTable;
  readonly #originOfBlock: Uint32Array | readonly number[];
  /** For each block, the earliest time of those of its origin that come later. */
  readonly #laterUs: Float64Array;
  readonly #passedUs: Float64Array;
  readonly #nowUs: Float64Array;

  constructor(blocks: BlockTable, originOfBlock: Uint32Array | readonly number[], origins: number) {
    this.#blocks = blocks;
    this.#originOfBlock = originOfBlock;
    this.#laterUs = new Float64Array(blocks.count);
    this.#passedUs = new Float64Array(origins);
    this.#nowUs = new Float64Array(origins);
    const earliestUs = new Float64Array(origins).fill(Infinity);
    for (let row = blocks.count - 1; row >= 0; row--) {
      const origin = originOfBlock[row] ?? 0;
      const laterUs = earliestUs[origin] ?? Infinity;
      this.#laterUs[row] = laterUs;
      earliestUs[origin] = Math.min(laterUs, blocks.firstTimeUs(row));
    }
  }

  /** A block passes, read or left out. */
  pass(row: number): void {
    const origin = this.#originOfBlock[row] ?? 0;
    const passedUs = Math.max(this.#passedUs[origin] ?? 0, this.#blocks.lastTimeUs(row));
    this.#passedUs[origin] = passedUs;
    this.#nowUs[origin] = Math.min(passedUs, this.#laterUs[row] ?? Infinity);
  }

  /** Blocks `from` to `to` (exclusive) pass. */
  passTo(from: number, to: number): void {
    for (let row = from; row < to; row++) this.pass(row);
  }

  /** The time of an origin after the blocks that have passed. */
  nowUs(origin: number): number {
    return this.#nowUs[origin] ?? 0;
  }
}
