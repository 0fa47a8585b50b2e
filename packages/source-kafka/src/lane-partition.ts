import type { RecordsBatch } from '@platformatic/kafka';

const NO_SPAN = -1;
/** Of a batch that holds a transaction's end and no records of anyone's. */
const IS_CONTROL = 1 << 5;

/** A record's place in what was fetched. */
export interface FetchedBatch {
  readonly records: RecordsBatch['records'];
  /** Of the first record, from which the others count theirs. */
  readonly firstOffset: number;
  /** The offset behind the batch, end exclusive, whatever of it is left after compaction. */
  readonly endOffset: number;
  readonly bytes: number;
  /** When its latest record was sent, ms since 1970. */
  readonly sentMs: number;
}

/**
 * One partition that a lane's member of the group owns: what was fetched of it, and how far its records have come. Offsets are numbers: 2^53 records are enough.
 *
 * Invariants
 *   P1  committed <= committable <= acked <= taken <= fetched: each is an offset, end exclusive.
 *   P2  committable is acked, or the first record before it whose dead letter is not acknowledged yet.
 *   P3  One that was taken away (`isOwned` false) is committed no more, whatever is acknowledged later: its new owner has begun at what was committed by then. When it comes back, or goes on elsewhere, it is a new LanePartition.
 */
export class LanePartition {
  readonly topic: string;
  readonly index: number;
  /** Where reading ends, end exclusive; infinite where it does not. */
  readonly endOffset: number;
  isOwned: boolean;
  /** The next offset to fetch. */
  fetched: number;
  /** Behind the last record that was put into a span or passed over. */
  taken: number;
  /** Behind the last record that {@link GivenSpans} knows of. */
  noted: number;
  acked: number;
  committed: number;
  /** End of what can be read of the partition, as of the last fetch; infinite before the first. */
  highWatermark: number;
  /** When the last record that was taken, or one of its batch, was sent; ms since 1970, 0 before the first. */
  sentMs: number;
  /** Bytes that wait in the queue. */
  queuedBytes: number;
  /** Number of the last span that holds records of it. */
  lastSpan: number;
  readonly #queue: FetchedBatch[];
  #recordIndex: number;
  /** Offsets whose dead letters are under way. */
  readonly #deadLetters: Set<number>;

  constructor(topic: string, index: number, startOffset: number, endOffset: number) {
    this.topic = topic;
    this.index = index;
    this.endOffset = endOffset;
    this.isOwned = true;
    this.fetched = startOffset;
    this.taken = startOffset;
    this.noted = startOffset;
    this.acked = startOffset;
    this.committed = startOffset;
    this.highWatermark = Infinity;
    this.sentMs = 0;
    this.queuedBytes = 0;
    this.lastSpan = NO_SPAN;
    this.#queue = [];
    this.#recordIndex = 0;
    this.#deadLetters = new Set();
  }

  /** Whether everything up to where reading ends was taken. */
  get isAtEnd(): boolean {
    return this.taken >= this.endOffset;
  }

  /** Whether there is nothing left to read as far as is known. */
  get isCaughtUp(): boolean {
    return this.taken >= Math.min(this.highWatermark, this.endOffset);
  }

  get committable(): number {
    let offset = this.acked;
    for (const pending of this.#deadLetters) offset = Math.min(offset, pending);
    return offset;
  }

  get isDirty(): boolean {
    return this.isOwned && this.committable > this.committed;
  }

  /** Takes what a fetch brought; what was fetched before is left out. */
  enqueue(batches: readonly RecordsBatch[]): void {
    for (const batch of batches) {
      const firstOffset = Number(batch.firstOffset);
      const endOffset = firstOffset + batch.lastOffsetDelta + 1;
      if (endOffset <= this.fetched) continue;
      const records = (batch.attributes & IS_CONTROL) === 0 ? batch.records : [];
      let bytes = 0;
      for (const record of records) bytes += record.length;
      const sentMs = Number(batch.maxTimestamp);
      this.#queue.push({ records, firstOffset, endOffset, bytes, sentMs });
      this.queuedBytes += bytes;
      this.fetched = endOffset;
    }
  }

  /** The next record to take, without taking it; `undefined` where none is queued. Passes over what lies before `taken` and ends of transactions. */
  peek(): RecordsBatch['records'][number] | undefined {
    for (;;) {
      const batch = this.#queue[0];
      if (batch === undefined) return undefined;
      if (this.isAtEnd) {
        this.#dropQueue();
        return undefined;
      }
      const record = batch.records[this.#recordIndex];
      if (record === undefined) {
        this.#passBatch(batch);
      } else if (batch.firstOffset + record.offsetDelta < this.taken) {
        this.#recordIndex++;
      } else if (batch.firstOffset + record.offsetDelta >= this.endOffset) {
        this.taken = this.endOffset;
      } else {
        return record;
      }
    }
  }

  /** Offset of the record that {@link peek} gave. */
  get peekedOffset(): number {
    const batch = this.#queue[0];
    return (batch?.firstOffset ?? 0) + (batch?.records[this.#recordIndex]?.offsetDelta ?? 0);
  }

  /** Takes the record that {@link peek} gave. */
  take(): void {
    this.taken = this.peekedOffset + 1;
    this.sentMs = this.#queue[0]?.sentMs ?? 0;
    this.#recordIndex++;
  }

  holdForDeadLetter(offset: number): void {
    this.#deadLetters.add(offset);
  }

  deadLetterIsAcknowledged(offset: number): void {
    this.#deadLetters.delete(offset);
  }

  get deadLetters(): number {
    return this.#deadLetters.size;
  }

  /** Its records are another member's from now on: what is queued is dropped. */
  takeAway(): void {
    this.isOwned = false;
    this.#dropQueue();
  }

  /** What it is at is gone. @returns the same partition that begins there, as of a log of its own: what is under way of this one is committed no more (P3) */
  startAgainAt(offset: number): LanePartition {
    this.takeAway();
    return new LanePartition(this.topic, this.index, offset, this.endOffset);
  }

  #dropQueue(): void {
    this.#queue.length = 0;
    this.#recordIndex = 0;
    this.queuedBytes = 0;
  }

  #passBatch(batch: FetchedBatch): void {
    this.#queue.shift();
    this.#recordIndex = 0;
    this.queuedBytes -= batch.bytes;
    this.taken = Math.min(Math.max(this.taken, batch.endOffset), this.endOffset);
  }
}
