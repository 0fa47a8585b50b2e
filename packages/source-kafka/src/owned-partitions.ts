import type { GroupAssignment } from '@platformatic/kafka';

import type { Reader } from './group-clients.ts';
import { LanePartition } from './lane-partition.ts';
import { Outage } from './outage.ts';
import { sleep } from './sleep.ts';
import type { KafkaSourceSettings } from './source-options.ts';

const EARLIEST = -2n;
const LATEST = -1n;

/** End offsets at the start of the run, end exclusive, by topic and partition: where a bounded run ends. A partition that is not there was added since. */
export type EndOffsets = Readonly<Record<string, readonly number[]>>;

/** What the lane hears of its partitions. */
export interface OwnershipListener {
  /** One was taken away. */
  revoked(partition: LanePartition): void;
  /** One goes on elsewhere, as another object. */
  replaced(before: LanePartition, after: LanePartition): void;
  /** These are all that can be read now. */
  ready(partitions: readonly LanePartition[]): void;
  failed(error: unknown): void;
}

/**
 * The partitions of a lane, as the group deals them. What it keeps goes on where it was; what is new begins at what the group has committed, so that nothing is left out whoever had it
 * before.
 */
export class OwnedPartitions {
  readonly #reader: Reader;
  readonly #settings: KafkaSourceSettings;
  readonly #endOffsets: EndOffsets;
  readonly #listener: OwnershipListener;
  readonly #outage: Outage;
  #list: readonly LanePartition[];
  /** Counts assignments: what is asked for an earlier one is of no use any more. */
  #round: number;
  #isComplete: boolean;

  constructor(
    reader: Reader,
    settings: KafkaSourceSettings,
    endOffsets: EndOffsets,
    listener: OwnershipListener,
  ) {
    this.#reader = reader;
    this.#settings = settings;
    this.#endOffsets = endOffsets;
    this.#listener = listener;
    this.#outage = new Outage(settings.task, settings.unreachableAfterMs);
    this.#list = [];
    this.#round = 0;
    this.#isComplete = false;
  }

  get list(): readonly LanePartition[] {
    return this.#list;
  }

  /** Whether every partition that was assigned last can be read. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** @param isContinued - whether nobody else can have owned meanwhile what is owned still */
  async assign(assignment: readonly GroupAssignment[], isContinued: boolean): Promise<void> {
    const round = ++this.#round;
    this.#isComplete = false;
    const fresh: GroupAssignment[] = [];
    const kept: LanePartition[] = [];
    for (const { topic, partitions } of assignment) {
      const missing = partitions.filter((index) => {
        const own = isContinued ? this.#find(topic, index) : undefined;
        if (own !== undefined) kept.push(own);
        return own === undefined;
      });
      if (missing.length > 0) fresh.push({ topic, partitions: missing });
    }
    for (const partition of this.#list) {
      if (kept.includes(partition)) continue;
      partition.takeAway();
      this.#listener.revoked(partition);
    }
    this.#list = kept;
    this.#listener.ready(kept);
    const added = await this.#untilPlaced(fresh, round);
    if (added === undefined) return;
    // Not `kept`: one of them may have been replaced meanwhile.
    this.#list = [...this.#list, ...added];
    this.#isComplete = true;
    this.#listener.ready(this.#list);
  }

  /** What it is at is gone: it goes on at the first record that is there, so that nothing that is there is left out. @returns how many offsets that passes over */
  async restart(partition: LanePartition): Promise<number> {
    const from = partition.taken;
    const earliest = await this.#offsets(partition.topic, [partition.index], EARLIEST);
    const offset = earliest[partition.index] ?? from;
    if (!this.#list.includes(partition)) return 0;
    const after = partition.startAgainAt(offset);
    this.#list = this.#list.map((own) => (own === partition ? after : own));
    this.#listener.replaced(partition, after);
    this.#listener.ready(this.#list);
    return Math.max(0, offset - from);
  }

  #find(topic: string, index: number): LanePartition | undefined {
    return this.#list.find((own) => own.topic === topic && own.index === index);
  }

  /** @returns `undefined` where another assignment has come meanwhile, or it failed for good */
  async #untilPlaced(
    fresh: readonly GroupAssignment[],
    round: number,
  ): Promise<LanePartition[] | undefined> {
    for (;;) {
      try {
        const placed = fresh.length === 0 ? [] : await this.#place(fresh);
        this.#outage.end();
        return round === this.#round ? placed : undefined;
      } catch (error) {
        if (round !== this.#round) return undefined;
        try {
          await sleep(this.#outage.retryAfterMs(error));
        } catch (final) {
          this.#listener.failed(final);
          return undefined;
        }
        if (round !== this.#round) return undefined;
        this.#reader.renew();
      }
    }
  }

  async #place(fresh: readonly GroupAssignment[]): Promise<LanePartition[]> {
    // They may be newer than what the client knows of the topic.
    this.#reader.client.clearMetadata();
    const committed = await this.#reader.client.listCommittedOffsets({
      topics: fresh.map(({ topic, partitions }) => ({ topic, partitions: [...partitions] })),
    });
    const { isBounded } = this.#settings;
    const placed: LanePartition[] = [];
    for (const { topic, partitions } of fresh) {
      const isCommitted = (index: number): boolean => (committed.get(topic)?.[index] ?? -1n) >= 0n;
      const starts = await this.#starts(
        topic,
        partitions.filter((index) => !isCommitted(index)),
      );
      for (const index of partitions) {
        const own = committed.get(topic)?.[index] ?? -1n;
        const offset = isCommitted(index) ? Number(own) : (starts[index] ?? 0);
        // What was added since the start is no part of a bounded run: at its end at once.
        const endOffset = isBounded ? (this.#endOffsets[topic]?.[index] ?? offset) : Infinity;
        placed.push(new LanePartition(topic, index, offset, endOffset));
      }
    }
    return placed;
  }

  /** Where partitions begin of which nothing was committed. Those that were added since the start have nothing older than the run: they begin at their first record. */
  async #starts(topic: string, partitions: readonly number[]): Promise<(number | undefined)[]> {
    const known = this.#endOffsets[topic]?.length ?? 0;
    const isLatest = (index: number): boolean => this.#settings.from === 'latest' && index < known;
    const starts: (number | undefined)[] = [];
    for (const start of [LATEST, EARLIEST]) {
      const own = partitions.filter((index) => isLatest(index) === (start === LATEST));
      if (own.length === 0) continue;
      const offsets = await this.#offsets(topic, own, start);
      for (const index of own) starts[index] = offsets[index];
    }
    return starts;
  }

  async #offsets(
    topic: string,
    partitions: readonly number[],
    timestamp: bigint,
  ): Promise<(number | undefined)[]> {
    const listed = await this.#reader.client.listOffsets({
      topics: [topic],
      partitions: { [topic]: [...partitions] },
      timestamp,
    });
    return Array.from(listed.get(topic) ?? [], (offset) =>
      offset === undefined ? undefined : Number(offset),
    );
  }
}
