import type { LanePartition } from './lane-partition.ts';

/** So many entries done with are removed at once. */
const COMPACT_AT = 1024;

/**
 * Which records lie in which span, so that "so many spans are done with" becomes offsets. A span holds records of one partition; spans are numbered from 0, as the lane counts them.
 *
 * An entry is two array elements and no object: one is made for each span.
 */
export class GivenSpans {
  readonly #partitions: (LanePartition | undefined)[];
  readonly #endOffsets: number[];
  /** Number of the span that element 0 of the arrays is of, */
  #first: number;
  /** and of the first that is not done with. */
  #acknowledged: number;

  constructor() {
    this.#partitions = [];
    this.#endOffsets = [];
    this.#first = 0;
    this.#acknowledged = 0;
  }

  get given(): number {
    return this.#first + this.#partitions.length;
  }

  get unacknowledged(): number {
    return this.given - this.#acknowledged;
  }

  /** The next span holds records of the partition, up to what was taken of it. */
  give(partition: LanePartition): void {
    partition.lastSpan = this.given;
    partition.noted = partition.taken;
    this.#partitions.push(partition);
    this.#endOffsets.push(partition.taken);
  }

  /** A span without records: an end time. */
  giveEmpty(): void {
    this.#partitions.push(undefined);
    this.#endOffsets.push(0);
  }

  /** What was taken of the partition since, and given to nobody, is done with as soon as what was given before is. */
  passOver(partition: LanePartition): void {
    if (partition.noted === partition.taken) return;
    partition.noted = partition.taken;
    const isWaiting = partition.lastSpan >= this.#acknowledged;
    if (isWaiting) this.#endOffsets[partition.lastSpan - this.#first] = partition.taken;
    else partition.acked = partition.taken;
  }

  /** So many spans, counted from the first, are done with. */
  acknowledge(spans: number): void {
    const end = Math.min(spans, this.given);
    for (let span = this.#acknowledged; span < end; span++) {
      const partition = this.#partitions[span - this.#first];
      if (partition === undefined) continue;
      partition.acked = Math.max(partition.acked, this.#endOffsets[span - this.#first] as number);
    }
    this.#acknowledged = Math.max(this.#acknowledged, end);
    const done = this.#acknowledged - this.#first;
    if (done < COMPACT_AT) return;
    this.#partitions.splice(0, done);
    this.#endOffsets.splice(0, done);
    this.#first += done;
  }
}
