import { LANE_BUCKETS, laneOf } from '@sockflow/core';

import type { BlockTable } from '../reader/block-table.ts';

/** Which of the 64 lane buckets belong to one of `lanes` lanes, and so which blocks it reads. */
export class LaneShare {
  readonly lane: number;
  readonly lanes: number;
  readonly #masks: readonly { readonly low: number; readonly high: number }[];

  constructor(lane: number, lanes: number) {
    this.lane = lane;
    this.lanes = lanes;
    this.#masks = Array.from({ length: lanes }, (_, other) => bucketsOf(other, lanes));
  }

  /** Whether a block holds something of a lane: its buckets, or a clock anchor, which every lane gets. */
  mayHold(blocks: BlockTable, row: number, lane: number = this.lane): boolean {
    return blocks.clockAnchors(row) > 0 || this.#holdsBuckets(blocks, row, lane);
  }

  /** Whether a block holds this lane's buckets only. */
  holdsOnlyOwn(blocks: BlockTable, row: number): boolean {
    const own = this.#masks[this.lane] ?? { low: 0, high: 0 };
    return (
      (blocks.laneBuckets(row, 0) & ~own.low) === 0 &&
      (blocks.laneBuckets(row, 1) & ~own.high) === 0
    );
  }

  /** Whether this lane counts a block as recorded, skipped or bad: one lane does, of those that read it, and they take turns. */
  isOwner(blocks: BlockTable, row: number): boolean {
    if (this.lanes === 1) return true;
    for (let turn = 0; turn < this.lanes; turn++) {
      const lane = (row + turn) % this.lanes;
      if (this.mayHold(blocks, row, lane)) return lane === this.lane;
    }
    return row % this.lanes === this.lane;
  }

  #holdsBuckets(blocks: BlockTable, row: number, lane: number): boolean {
    const mask = this.#masks[lane] ?? { low: 0, high: 0 };
    return (
      (blocks.laneBuckets(row, 0) & mask.low) !== 0 ||
      (blocks.laneBuckets(row, 1) & mask.high) !== 0
    );
  }
}

function bucketsOf(lane: number, lanes: number): { low: number; high: number } {
  const mask = { low: 0, high: 0 };
  for (let bucket = 0; bucket < LANE_BUCKETS; bucket++) {
    if (laneOf(bucket, lanes) !== lane) continue;
    if (bucket < 32) mask.low |= 1 << bucket;
    else mask.high |= 1 << (bucket & 31);
  }
  return mask;
}
