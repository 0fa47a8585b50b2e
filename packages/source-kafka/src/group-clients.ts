import type { EventEmitter } from 'node:events';

import type { ConnectionPool, Consumer, ConsumerOptions, Producer } from '@platformatic/kafka';
import { kafkaClientOptions } from '@sockflow/kafka-client';
import type { KafkaClient } from '@sockflow/kafka-client/client';

import type { PartitionCounts } from './partition-watch.ts';
import type { KafkaSourceSettings } from './source-options.ts';
import { type Claim, stickyAssigner, stickyProtocol } from './sticky-assigner.ts';

const HEARTBEAT_MS = 1000;
/** A broker that does not answer for so long beyond what was asked for is given up. */
const GRACE_MS = 10_000;
/** How long a fetch waits at the broker for records, where there are none. */
export const FETCH_WAIT_MS = 500;

/**
 * The clients of one lane. Brokers answer the requests of a connection one after another, and some take long: so what may not wait has a connection of its own.
 *
 *   member   joins the group and gives signs of life; a JoinGroup is answered once every member has sent one
 *   reader   everything else: offsets, commits in the member's name, fetches by a pool of their own (a fetch waits for records)
 *
 * The client repeats nothing by itself (`retries: 0`): its own second try of a commit joins the group anew and commits for partitions that may be another's by then.
 */
export class GroupClients {
  readonly #client: KafkaClient;
  readonly #settings: KafkaSourceSettings;
  readonly #lane: number;

  constructor(client: KafkaClient, settings: KafkaSourceSettings, lane: number) {
    this.#client = client;
    this.#settings = settings;
    this.#lane = lane;
  }

  /**
   * @param claim - what the member has had, asked for whenever it joins
   * @param dealing - hears over how many partitions the member deals, where it is the leader
   */
  createMember(claim: () => Claim, dealing: (counts: PartitionCounts) => void): Consumer {
    const { sessionTimeoutMs, instanceId } = this.#settings;
    return this.#create(sessionTimeoutMs + GRACE_MS, {
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout: sessionTimeoutMs,
      protocols: [stickyProtocol(claim)],
      partitionAssigner: (leader, members, topics, metadata) => {
        const counts = [...metadata.topics].map(
          ([topic, { partitionsCount }]) => [topic, partitionsCount] as const,
        );
        dealing(new Map(counts));
        return stickyAssigner(leader, members, topics, metadata);
      },
      heartbeatInterval: Math.min(HEARTBEAT_MS, Math.floor(sessionTimeoutMs / 3)),
      ...(instanceId === undefined ? {} : { groupInstanceId: `${instanceId}-${this.#lane}` }),
    });
  }

  createReader(): Consumer {
    return this.#create(FETCH_WAIT_MS + GRACE_MS, {});
  }

  createFetchPool(): ConnectionPool {
    const options = this.#options(FETCH_WAIT_MS + GRACE_MS);
    return new this.#client.ConnectionPool(options.clientId, options);
  }

  #create(
    requestTimeout: number,
    options: Partial<ConsumerOptions<Buffer, Buffer, Buffer, Buffer>>,
  ): Consumer {
    const { group, topics } = this.#settings;
    const consumer = new this.#client.Consumer({
      ...this.#options(requestTimeout),
      groupId: group,
      autocommit: false,
      ...options,
    });
    for (const topic of topics) consumer.topics.track(topic);
    return consumer;
  }

  #options(requestTimeout: number): ReturnType<typeof kafkaClientOptions> & {
    requestTimeout: number;
  } {
    return { ...kafkaClientOptions(this.#settings.connection), retries: 0, requestTimeout };
  }
}

/** The reader of a lane, which may be made anew: a client asks the broker that it found first for ever, also where the group has moved to another. */
export class Reader {
  readonly #clients: GroupClients;
  #consumer: Consumer;

  constructor(clients: GroupClients) {
    this.#clients = clients;
    this.#consumer = clients.createReader();
    this.#consumer.on('error', () => {});
  }

  get client(): Consumer {
    return this.#consumer;
  }

  /** In whose name it commits from now on. */
  speakFor(memberId: string | null, generation: number): void {
    this.#consumer.memberId = memberId;
    this.#consumer.generationId = generation;
  }

  renew(): void {
    const before = this.#consumer;
    this.#consumer = this.#clients.createReader();
    this.#consumer.on('error', () => {});
    this.speakFor(before.memberId, before.generationId);
    abandonClient(before);
  }

  /** Takes the member out of the group, whoever joined for it, and closes. */
  async leave(): Promise<void> {
    const consumer = this.#consumer;
    try {
      await new Promise<void>((resolve, reject) => {
        consumer.leaveGroup(true, (error) => (error ? reject(error) : resolve()));
      });
    } finally {
      await consumer.connections.close();
    }
  }
}

/** Closes a client that is no member of a group. */
export function closeClient(client: Consumer | Producer): Promise<void> {
  return new Promise((resolve) => {
    client.close(true, () => resolve());
  });
}

/** Drops a client's connections without a word to the brokers: a member of the group stays one until its session ends, unless it is taken over. */
export function abandonClient(consumer: Consumer): void {
  (consumer as unknown as EventEmitter).removeAllListeners();
  consumer.on('error', () => {});
  // Without a member's id it says nothing, and stops giving signs of life.
  consumer.memberId = null;
  consumer.leaveGroup(true, () => {});
  void consumer.connections.close().catch(() => {});
}
