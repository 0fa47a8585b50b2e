import type { Consumer, GroupAssignment } from '@platformatic/kafka';

import type { GroupClients } from './group-clients.ts';
import { abandonClient } from './group-clients.ts';
import { groupRefusalOf } from './group-refusal.ts';
import { Outage } from './outage.ts';
import { type PartitionCounts, PartitionWatch } from './partition-watch.ts';
import { sleep } from './sleep.ts';
import type { KafkaSourceSettings } from './source-options.ts';

/** What the lane hears of its membership. */
export interface MembershipListener {
  /** Partitions are about to be dealt anew: what is acknowledged by now should be committed before. Synchronous. */
  rebalancing(): void;
  /**
   * They are dealt.
   *
   * @param isContinued - whether nobody else can have owned meanwhile what was owned before and is owned still
   */
  assigned(assignment: readonly GroupAssignment[], isContinued: boolean): void;
  /** It cannot go on. */
  failed(error: unknown): void;
}

/**
 * A lane as a member of the consumer group: joins, gives signs of life, joins again when members come or go, and never stops trying unless it is refused. The client does the protocol;
 * what it gives up on is begun anew here. In the lane's thread.
 */
export class Membership {
  readonly #clients: GroupClients;
  readonly #listener: MembershipListener;
  readonly #outage: Outage;
  readonly #watch: PartitionWatch;
  /** Over what this member has dealt as the leader, until it is known that it was. */
  #dealt: PartitionCounts | undefined;
  #consumer: Consumer;
  #isReviving: boolean;
  #generation: number;
  #memberId: string | null;
  #assignment: readonly GroupAssignment[];
  #isRebalancing: boolean;
  #isJoining: boolean;
  #isClosed: boolean;
  #firstJoin: (() => void) | undefined;
  readonly #joined: Promise<void>;

  constructor(clients: GroupClients, settings: KafkaSourceSettings, listener: MembershipListener) {
    this.#clients = clients;
    this.#listener = listener;
    this.#outage = new Outage(settings.task, settings.unreachableAfterMs);
    this.#watch = new PartitionWatch(
      settings.metadataMaxAgeMs,
      (topics) => this.#countPartitions(topics),
      () => void this.#join(),
    );
    this.#dealt = undefined;
    this.#isReviving = false;
    this.#generation = -1;
    this.#memberId = null;
    this.#assignment = [];
    this.#isRebalancing = true;
    this.#isJoining = false;
    this.#isClosed = false;
    this.#joined = new Promise((resolve) => {
      this.#firstJoin = resolve;
    });
    this.#consumer = this.#create(null);
  }

  /** Whether partitions are being dealt anew. */
  get isRebalancing(): boolean {
    return this.#isRebalancing;
  }

  get memberId(): string | null {
    return this.#memberId;
  }

  get generation(): number {
    return this.#generation;
  }

  /** Resolves when it is a member for the first time, or cannot be. */
  async start(): Promise<void> {
    void this.#join();
    await this.#joined;
  }

  /** Stops it. The group is told by the caller: a JoinGroup that is under way would hold that up. */
  close(): void {
    this.#isClosed = true;
    this.#watch.stop();
    this.#firstJoin?.();
    abandonClient(this.#consumer);
  }

  #create(memberId: string | null): Consumer {
    const consumer = this.#clients.createMember(
      () => ({ generation: this.#generation, owned: this.#assignment }),
      (counts) => {
        this.#dealt = counts;
      },
    );
    consumer.memberId = memberId;
    consumer.on('consumer:group:rebalance', () => this.#rebalance());
    consumer.on('consumer:group:join', ({ memberId: id, generationId = 0, assignments = [] }) =>
      this.#assigned(id, generationId, assignments),
    );
    consumer.on('consumer:heartbeat:end', () => this.#outage.end());
    consumer.on('consumer:heartbeat:error', ({ error }) => void this.#heartbeatFailed(error));
    // It could not join again by itself.
    consumer.on('error', (error: unknown) => {
      if (consumer === this.#consumer && this.#tellRefusal(error) !== undefined) void this.#join();
    });
    return consumer;
  }

  #rebalance(): void {
    // Whoever deals is to deal over what is there now: the client keeps what it knows for minutes.
    this.#consumer.clearMetadata();
    this.#dealt = undefined;
    this.#watch.stop();
    if (this.#isRebalancing) return;
    this.#isRebalancing = true;
    this.#listener.rebalancing();
  }

  #assigned(memberId: string, generation: number, assignments: readonly GroupAssignment[]): void {
    if (this.#isClosed) return;
    // Of the same generation: the client is another one, and nothing was dealt.
    const generations = generation - this.#generation;
    const isContinued = memberId === this.#memberId && (generations === 0 || generations === 1);
    this.#memberId = memberId;
    this.#generation = generation;
    this.#assignment = assignments;
    this.#isRebalancing = false;
    this.#watch.dealtOver(this.#dealt);
    this.#outage.end();
    this.#listener.assigned(assignments, isContinued);
    this.#firstJoin?.();
  }

  async #countPartitions(names: readonly string[]): Promise<PartitionCounts> {
    const { topics } = await this.#consumer.metadata({ topics: [...names], forceUpdate: true });
    return new Map([...topics].map(([topic, { partitionsCount }]) => [topic, partitionsCount]));
  }

  async #join(): Promise<void> {
    if (this.#isJoining) return;
    this.#isJoining = true;
    try {
      while (!this.#isClosed) {
        this.#rebalance();
        try {
          await this.#consumer.joinGroup({});
          return;
        } catch (error) {
          const retryMs = this.#tellRefusal(error);
          if (retryMs === undefined) return;
          await sleep(retryMs);
          if (!this.#isClosed) this.#replace();
        }
      }
    } finally {
      this.#isJoining = false;
    }
  }

  /** The client may give no further sign of life after one that failed, so the next one is a new client's, once the brokers had a moment. */
  async #heartbeatFailed(error: unknown): Promise<void> {
    if (this.#isReviving || this.#isJoining) return;
    const retryMs = this.#tellRefusal(error);
    if (retryMs === undefined) return;
    this.#isReviving = true;
    await sleep(retryMs);
    this.#isReviving = false;
    if (this.#isClosed || this.#isJoining) return;
    this.#replace();
    void this.#join();
  }

  /** The same member, by a client that knows nothing yet. */
  #replace(): void {
    const before = this.#consumer;
    const { memberId } = before;
    this.#consumer = this.#create(memberId);
    abandonClient(before);
  }

  /** @returns after how long to try again, ms; `undefined` where that makes no sense, which the lane was told */
  #tellRefusal(error: unknown): number | undefined {
    if (this.#isClosed) return undefined;
    try {
      const refusal = groupRefusalOf(error);
      if (refusal !== undefined) throw refusal;
      return this.#outage.retryAfterMs(error);
    } catch (final) {
      this.#listener.failed(final);
      this.#firstJoin?.();
      return undefined;
    }
  }
}
