import { Board } from './board.ts';
import type { LanePartition } from './lane-partition.ts';

const PUBLISH_EVERY_MS = 200;

/** What a lane counts for its row of the board. */
export class LaneNotes {
  submitted = 0;
  rebalances = 0;
  commits = 0;
  failedCommits = 0;
  unacknowledgedAtRevoke = 0;
  deadLetters = 0;
  expired = 0;
  readonly #board: Board;
  readonly #lane: number;
  #publishedMs = 0;

  constructor(board: SharedArrayBuffer, lane: number) {
    this.#board = new Board(board);
    this.#lane = lane;
  }

  /** Publishes where that is due. */
  maybePublish(partitions: readonly LanePartition[]): void {
    if (performance.now() - this.#publishedMs >= PUBLISH_EVERY_MS) this.publish(partitions);
  }

  publish(partitions: readonly LanePartition[]): void {
    this.#publishedMs = performance.now();
    let lag = 0;
    for (const { highWatermark, acked } of partitions) {
      if (Number.isFinite(highWatermark)) lag += Math.max(0, highWatermark - acked);
    }
    const { submitted, rebalances, commits, failedCommits } = this;
    const { unacknowledgedAtRevoke, deadLetters, expired } = this;
    this.#board.store(this.#lane, {
      submitted,
      lag,
      partitions: partitions.length,
      rebalances,
      commits,
      failedCommits,
      unacknowledgedAtRevoke,
      deadLetters,
      expired,
    });
  }
}
