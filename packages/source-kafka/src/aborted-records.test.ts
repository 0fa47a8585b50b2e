import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { MessageToProduce } from '@platformatic/kafka';
import { importKafkaClient } from '@sockflow/kafka-client/client';
import { KafkaBroker, requireKafka, until } from '@sockflow/test-support';

import { closeClient } from './group-clients.ts';
import { oneLane } from './one-lane.test.support.ts';
import { packedRecords, produce } from './packed-records.test.support.ts';

const WAIT_MS = 60_000;

test('records of an aborted transaction are not given, also where another partition of the fetch fails', async (t) => {
  if (!requireKafka(t)) return;
  const broker = await KafkaBroker.start(t);
  const { address: brokers } = broker;
  const { messages, eventsOf } = packedRecords('torn', 2);
  broker.createTopic('torn', 2);
  await abort(
    brokers,
    messages.filter(({ partition }) => partition === 1),
  );
  await produce(brokers, messages);
  // Of the first partition the group has committed what is not there.
  await commit(brokers, 'torn', 1_000_000n);

  const { reader, close } = await oneLane(t, { brokers, topic: 'torn', group: 'torn' });
  reader.start();
  const all = eventsOf.flat();
  await until('all events', () => reader.events.length >= all.length, WAIT_MS);
  await close();
  assert.deepEqual(reader.events.toSorted(), all.toSorted());
});

async function abort(address: string, messages: MessageToProduce[]): Promise<void> {
  const { Producer } = await importKafkaClient();
  const producer = new Producer({
    clientId: 'test',
    bootstrapBrokers: [address],
    idempotent: true,
    transactionalId: 'torn',
    strict: false,
  });
  try {
    const transaction = await producer.beginTransaction();
    await transaction.send({ messages });
    await transaction.abort();
  } finally {
    await closeClient(producer);
  }
}

async function commit(address: string, group: string, offset: bigint): Promise<void> {
  const { Consumer } = await importKafkaClient();
  const consumer = new Consumer({
    clientId: 'test',
    bootstrapBrokers: [address],
    groupId: group,
    autocommit: false,
  });
  // Of a group without members.
  consumer.memberId = '';
  consumer.generationId = -1;
  try {
    await consumer.commit({
      offsets: [{ topic: 'torn', partition: 0, offset, leaderEpoch: -1 }],
    });
  } finally {
    consumer.memberId = null;
    await closeClient(consumer);
  }
}
