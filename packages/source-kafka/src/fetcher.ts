import type { ConnectionPool, Consumer } from '@platformatic/kafka';

import { FETCH_WAIT_MS, type Reader } from './group-clients.ts';
import type { LanePartition } from './lane-partition.ts';
import { Outage } from './outage.ts';
import { sleep } from './sleep.ts';
import type { KafkaSourceSettings } from './source-options.ts';

type FetchResponse = Awaited<ReturnType<Consumer['fetch']>>;
type FetchRequestTopic = Parameters<Consumer['fetch']>[0]['topics'][number];

/** Bytes of one partition in a fetch, at most: so much of each is kept, whatever of it is asked for. */
const PARTITION_BYTES = 2 * 1024 * 1024;
/** How long a fetch waits for records where some partitions were left out of it, since enough of them is queued: they may be needed soon. */
const SHORT_WAIT_MS = 10;
const OUT_OF_RANGE = 1;

/** What the lane hears of its fetches. */
export interface FetchListener {
  /** Some partitions have got records, or an end. */
  fetched(): void;
  /** What the partition is to go on with is not there, or not any more. */
  outOfRange(partition: LanePartition): Promise<void>;
  failed(error: unknown): void;
}

/**
 * Fetches ahead for the partitions that a lane owns, one request to each of their leaders at a time, as long as less than `prefetchBytes` are queued: what is not fetched waits at the
 * broker. In the lane's thread; every step is short.
 */
export class Fetcher {
  readonly #reader: Reader;
  readonly #pool: ConnectionPool;
  readonly #topics: readonly string[];
  readonly #prefetchBytes: number;
  readonly #listener: FetchListener;
  readonly #outage: Outage;
  /** Of partitions that fail while others are fetched. */
  readonly #partialOutage: Outage;
  /** Those that failed when they were fetched last, */
  readonly #failing: Set<LanePartition>;
  /** and those among them that are left out for a while. */
  readonly #resting: Set<LanePartition>;
  #partitions: readonly LanePartition[];
  /** Leaders with a request under way. */
  readonly #busy: Set<number>;
  #rotation: number;
  #isPumping: boolean;
  #isClosed: boolean;

  constructor(
    reader: Reader,
    pool: ConnectionPool,
    settings: KafkaSourceSettings,
    prefetchBytes: number,
    listener: FetchListener,
  ) {
    this.#reader = reader;
    this.#pool = pool;
    this.#topics = settings.topics;
    this.#prefetchBytes = prefetchBytes;
    this.#listener = listener;
    this.#outage = new Outage(settings.task, settings.unreachableAfterMs);
    this.#partialOutage = new Outage(settings.task, settings.unreachableAfterMs);
    this.#failing = new Set();
    this.#resting = new Set();
    this.#partitions = [];
    this.#busy = new Set();
    this.#rotation = 0;
    this.#isPumping = false;
    this.#isClosed = false;
  }

  /** Whose records to fetch from now on. */
  setPartitions(partitions: readonly LanePartition[]): void {
    this.#partitions = partitions;
    this.#areWell([...this.#failing].filter(({ isOwned }) => !isOwned));
    this.pump();
  }

  /** Asks for more where there is room: call it after records were taken. */
  pump(): void {
    if (this.#isPumping || this.#isClosed || !this.#hasRoom()) return;
    this.#isPumping = true;
    void this.#pump().finally(() => {
      this.#isPumping = false;
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#pool.close();
  }

  #hasRoom(): boolean {
    let bytes = 0;
    let mayFetch = false;
    for (const partition of this.#partitions) {
      bytes += partition.queuedBytes;
      mayFetch ||= partition.fetched < partition.endOffset;
    }
    return mayFetch && bytes < this.#prefetchBytes;
  }

  async #pump(): Promise<void> {
    try {
      const { topics } = await this.#reader.client.metadata({ topics: [...this.#topics] });
      const leaders = new Map<number, LanePartition[]>();
      let isLeftOut = false;
      for (const partition of this.#rotated()) {
        if (partition.fetched >= partition.endOffset || this.#resting.has(partition)) continue;
        if (partition.queuedBytes > this.#share()) {
          isLeftOut = true;
          continue;
        }
        const leader = topics.get(partition.topic)?.partitions[partition.index]?.leader ?? -1;
        if (this.#busy.has(leader)) continue;
        const own = leaders.get(leader) ?? [];
        own.push(partition);
        leaders.set(leader, own);
      }
      for (const [leader, partitions] of leaders) {
        void this.#fetch(leader, partitions, isLeftOut ? SHORT_WAIT_MS : FETCH_WAIT_MS, (topic) => {
          const found = topics.get(topic);
          return found?.id ?? '';
        });
      }
    } catch (error) {
      await this.#failed(error, this.#outage);
      setImmediate(() => this.pump());
    }
  }

  /** Another one comes first each time: a fetch is filled in order. */
  #rotated(): LanePartition[] {
    const all = this.#partitions;
    this.#rotation = (this.#rotation + 1) % Math.max(1, all.length);
    return [...all.slice(this.#rotation), ...all.slice(0, this.#rotation)];
  }

  #share(): number {
    return this.#prefetchBytes / Math.max(1, this.#partitions.length) / 2;
  }

  async #fetch(
    leader: number,
    partitions: readonly LanePartition[],
    maxWaitTime: number,
    idOf: (topic: string) => string,
  ): Promise<void> {
    this.#busy.add(leader);
    const requested = partitions.map((partition) => partition.fetched);
    try {
      const response = await this.#reader.client.fetch({
        node: leader,
        topics: requestOf(partitions, idOf),
        maxWaitTime,
        minBytes: 1,
        maxBytes: Math.max(PARTITION_BYTES, Math.ceil(this.#prefetchBytes / 2)),
        connectionPool: this.#pool,
      });
      this.#outage.end();
      this.#areWell(partitions);
      this.#take(response, partitions, requested, idOf);
    } catch (error) {
      const failed = failedIn(error, partitions, idOf);
      if (failed.size > 0) await this.#partly(error, failed);
      else await this.#failed(error, this.#outage);
    } finally {
      this.#busy.delete(leader);
      this.pump();
    }
  }

  /** What came, to those partitions that are where they were when they were asked for. */
  #take(
    { responses }: FetchResponse,
    partitions: readonly LanePartition[],
    requested: readonly number[],
    idOf: (topic: string) => string,
  ): void {
    for (const { topicId, partitions: fetched } of responses) {
      for (const { partitionIndex, errorCode, lastStableOffset, records = [] } of fetched) {
        if (errorCode !== 0) continue;
        const index = partitions.findIndex(
          ({ topic, index: own }) => own === partitionIndex && idOf(topic) === topicId,
        );
        const partition = partitions[index];
        if (partition === undefined || !partition.isOwned) continue;
        if (partition.fetched !== requested[index]) continue;
        partition.enqueue(records);
        partition.highWatermark = Number(lastStableOffset);
      }
    }
    this.#listener.fetched();
  }

  /**
   * Some partitions of a fetch failed. Nothing is taken of it, of the others either: the client has left the records of aborted transactions in it. The others are fetched again at once,
   * without those.
   */
  async #partly(error: unknown, failed: ReadonlyMap<LanePartition, number>): Promise<void> {
    const resting: LanePartition[] = [];
    try {
      for (const [partition, errorCode] of failed) {
        if (!partition.isOwned) continue;
        if (errorCode === OUT_OF_RANGE) await this.#listener.outOfRange(partition);
        else resting.push(partition);
      }
    } catch (cause) {
      await this.#failed(cause, this.#outage);
    }
    if (resting.length > 0) void this.#leaveOut(error, resting);
  }

  /** Leaves partitions out until they are tried again. */
  async #leaveOut(error: unknown, partitions: readonly LanePartition[]): Promise<void> {
    for (const partition of partitions) {
      this.#failing.add(partition);
      this.#resting.add(partition);
    }
    await this.#failed(error, this.#partialOutage);
    for (const partition of partitions) this.#resting.delete(partition);
    this.pump();
  }

  #areWell(partitions: readonly LanePartition[]): void {
    if (this.#failing.size === 0) return;
    for (const partition of partitions) this.#failing.delete(partition);
    if (this.#failing.size === 0) this.#partialOutage.end();
  }

  async #failed(error: unknown, outage: Outage): Promise<void> {
    if (this.#isClosed) return;
    this.#reader.client.clearMetadata();
    try {
      await sleep(outage.retryAfterMs(error));
    } catch (final) {
      this.#isClosed = true;
      this.#listener.failed(final);
    }
  }
}

/** Which partitions the answer to a fetch says an error of, and its number. */
function failedIn(
  error: unknown,
  partitions: readonly LanePartition[],
  idOf: (topic: string) => string,
): Map<LanePartition, number> {
  const failed = new Map<LanePartition, number>();
  const { responses = [] } = (error as { response?: FetchResponse }).response ?? {};
  for (const { topicId, partitions: fetched } of responses) {
    for (const { partitionIndex, errorCode } of fetched) {
      if (errorCode === 0) continue;
      const partition = partitions.find(
        ({ topic, index }) => index === partitionIndex && idOf(topic) === topicId,
      );
      if (partition !== undefined) failed.set(partition, errorCode);
    }
  }
  return failed;
}

function requestOf(
  partitions: readonly LanePartition[],
  idOf: (topic: string) => string,
): FetchRequestTopic[] {
  return partitions.map(({ topic, index, fetched }) => ({
    topicId: idOf(topic),
    partitions: [
      {
        partition: index,
        fetchOffset: BigInt(fetched),
        partitionMaxBytes: PARTITION_BYTES,
        currentLeaderEpoch: -1,
        lastFetchedEpoch: -1,
      },
    ],
  }));
}
