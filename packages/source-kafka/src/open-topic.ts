import type { Consumer } from '@platformatic/kafka';
import { isSockflowError } from '@sockflow/core';
import {
  kafkaClientOptions,
  type KafkaError,
  kafkaRefusalOf,
  type KafkaTask,
  kafkaUnreachable,
} from '@sockflow/kafka-client';
import { importKafkaClient } from '@sockflow/kafka-client/client';

import { closeClient } from './group-clients.ts';
import { hasApiId } from './outage.ts';
import type { EndOffsets } from './owned-partitions.ts';
import { sleep } from './sleep.ts';
import type { KafkaSourceSettings } from './source-options.ts';

const LATEST = -1n;
const REQUEST_TIMEOUT_MS = 10_000;
const RETRY_MS = 200;
/** What brokers that are there say while they get ready. */
const PASSING = new Set([
  'COORDINATOR_NOT_AVAILABLE',
  'COORDINATOR_LOAD_IN_PROGRESS',
  'NOT_COORDINATOR',
  'LEADER_NOT_AVAILABLE',
  'NOT_LEADER_OR_FOLLOWER',
]);

/**
 * Asks the brokers what can be known before any lane starts: that they answer, that the topics are there, that the user may read them and ask for the group's offsets, that the topic of
 * dead letters is there.
 *
 * @returns where the partitions end now
 * @throws ERR_SOCKFLOW_KAFKA_UNREACHABLE, _TOPIC, _ACCESS, _REFUSED, _CLIENT
 */
export async function lookAtTopics(settings: KafkaSourceSettings): Promise<EndOffsets> {
  const startMs = performance.now();
  for (;;) {
    try {
      return await lookOnce(settings);
    } catch (error) {
      // The first group of a cluster, or one whose broker has just started: it is there in a moment.
      const mayPass = hasApiId((error as Error).cause, PASSING);
      if (!mayPass || performance.now() - startMs >= settings.unreachableAfterMs) throw error;
      await sleep(RETRY_MS);
    }
  }
}

/** By a client of its own: one asks the broker for ever that it took for the group's. */
async function lookOnce(settings: KafkaSourceSettings): Promise<EndOffsets> {
  const client = await importKafkaClient();
  const consumer = new client.Consumer({
    ...kafkaClientOptions(settings.connection),
    groupId: settings.group,
    requestTimeout: REQUEST_TIMEOUT_MS,
    autocommit: false,
  });
  consumer.on('error', () => {});
  const startMs = performance.now();
  const { task } = settings;
  try {
    const ends: Record<string, readonly number[]> = {};
    for (const topic of settings.topics) {
      ends[topic] = await asTask({ ...task, topic }, startMs, () => look(consumer, topic));
    }
    const deadLetters = settings.deadLetters?.deadLetterTopic;
    if (deadLetters !== undefined) {
      const writing = { ...task, topic: deadLetters, operation: 'WRITE' } as const;
      await asTask(writing, startMs, () => consumer.metadata({ topics: [deadLetters] }));
    }
    return ends;
  } finally {
    await closeClient(consumer);
  }
}

async function look(consumer: Consumer, topic: string): Promise<number[]> {
  const { topics } = await consumer.metadata({ topics: [topic] });
  const { id = '', partitions = [] } = topics.get(topic) ?? {};
  consumer.topics.track(topic);
  const listed = await consumer.listOffsets({ topics: [topic], timestamp: LATEST });
  const ends = Array.from(listed.get(topic) ?? [], Number);
  await consumer.listCommittedOffsets({
    topics: [{ topic, partitions: partitions.map((_, index) => index) }],
  });
  // From the end: whether it may be read, without what is there.
  await consumer.fetch({
    node: partitions[0]?.leader ?? -1,
    maxWaitTime: 0,
    minBytes: 0,
    topics: [
      {
        topicId: id,
        partitions: [
          {
            partition: 0,
            fetchOffset: BigInt(ends[0] ?? 0),
            partitionMaxBytes: 1,
            currentLeaderEpoch: -1,
            lastFetchedEpoch: -1,
          },
        ],
      },
    ],
  });
  return ends;
}

async function asTask<T>(task: KafkaTask, startMs: number, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (isSockflowError(error)) throw error;
    const refusal: KafkaError | undefined = kafkaRefusalOf(error, task);
    throw refusal ?? kafkaUnreachable(task, performance.now() - startMs, error);
  }
}
