import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as zlib from 'node:zlib';

import type { CompressionAlgorithmValue } from '@platformatic/kafka';
import { errorsWithin } from '@sockflow/kafka-client';
import { closeClient, ConnectionTroubles, importKafkaClient } from '@sockflow/kafka-client/client';
import type { AsyncCleanableTest } from '@sockflow/test-support';

import { BatchProducer } from './batch-producer.ts';
import { createProducer } from './kafka-client.ts';
import { readTopic } from './read-topic.test.support.ts';
import { encodeHeaders, RecordBatch } from './record-batch.ts';
import { RequestSender } from './request-sender.ts';
import { Request } from './request.ts';
import { sharedBroker } from './shared-broker.test.support.ts';

const HEADERS = encodeHeaders(new Map([[Buffer.from('name'), Buffer.from('text')]]));
const COMPRESSIONS = [
  'none',
  'gzip',
  'snappy',
  'lz4',
  ...('zstdCompressSync' in zlib ? ['zstd' as const] : []),
] as const;

describe('record batches', () => {
  const useBroker = sharedBroker({ properties: { 'auto.create.topics.enable': 'false' } });

  test('of each compression are taken by a broker, which checks them, and read by the client', async (t) => {
    const broker = await useBroker(t);
    if (broker === undefined) return;
    broker.createTopic('codecs', 2);
    for (const compression of COMPRESSIONS) {
      const producer = await open(t, broker.address, 'codecs', compression);
      await sent(producer, [batchOf(0, [compression, 'second']), batchOf(1, [compression])]);
    }
    const records = await readTopic(broker.address, 'codecs');
    for (const partition of [0, 1]) {
      const values = COMPRESSIONS.flatMap((name) => (partition === 0 ? [name, 'second'] : [name]));
      const found = records.filter((record) => record.partition === partition);
      assert.deepEqual(
        found.map(({ value }) => value.toString()),
        values,
      );
      for (const { key, headers } of found) {
        assert.equal(key, 'key');
        assert.deepEqual(headers, { name: 'text' });
      }
    }
  });

  test('that are sent again because no answer came are in the topic once', async (t) => {
    const broker = await useBroker(t);
    if (broker === undefined) return;
    broker.createTopic('again', 2);
    const producer = await open(t, broker.address, 'again', 'lz4');
    const batches = [batchOf(0, ['a', 'b']), batchOf(1, ['c'])];
    await sent(producer, batches);
    for (const batch of batches) batch.isDelivered = false;
    await producer.send(batches);
    assert.deepEqual(
      batches.map(({ isDelivered }) => isDelivered),
      [true, true],
    );
    await producer.send([batchOf(0, ['d'])]);
    assert.deepEqual(broker.endOffsets('again'), [3, 1]);

    await producer.renewId();
    await producer.send(batches);
    assert.deepEqual(broker.endOffsets('again'), [5, 2]);
  });

  test('go on under another id before sequence numbers run out, each of them once', async (t) => {
    const broker = await useBroker(t);
    if (broker === undefined) return;
    broker.createTopic('renewed', 1);
    const client = await createProducer({ brokers: broker.address, topic: 'renewed' });
    t.after(() => closeClient(client));
    const batches = new BatchProducer(await importKafkaClient(), client, {
      topic: 'renewed',
      acks: -1,
      compression: 'none',
      isIdempotent: true,
    });
    const sender = new RequestSender(client, batches, new ConnectionTroubles(client), {
      task: { topic: 'renewed', brokers: broker.address, operation: 'WRITE' },
      deliveryTimeoutMs: 60_000,
      isIdempotent: true,
      isEnding: () => false,
      warn: () => undefined,
      renewAfterRecords: 6,
    });
    const ids: (bigint | undefined)[] = [];
    for (let n = 0; n < 5; n++) {
      const request = new Request(1);
      request.batches.push(batchOf(0, [`${n}a`, `${n}b`]));
      await sender.send(request);
      ids.push(client.producerId);
    }
    assert.equal(new Set(ids.slice(0, 3)).size, 1);
    assert.equal(new Set(ids).size, 2);
    assert.deepEqual(
      (await readTopic(broker.address, 'renewed')).map(({ value }) => value.toString()),
      [0, 1, 2, 3, 4].flatMap((n) => [`${n}a`, `${n}b`]),
    );
  });

  test('of which one is refused: the others are delivered, and the error says why', async (t) => {
    const broker = await useBroker(t);
    if (broker === undefined) return;
    broker.createTopic('refused', 2, ['max.message.bytes=1000']);
    const producer = await open(t, broker.address, 'refused', 'none');
    const batches = [batchOf(0, ['x'.repeat(2000)]), batchOf(1, ['small'])];
    await assert.rejects(sent(producer, batches), (error) =>
      errorsWithin(error).some(({ apiId }) => apiId === 'MESSAGE_TOO_LARGE'),
    );
    assert.deepEqual(
      batches.map(({ isDelivered }) => isDelivered),
      [false, true],
    );
    assert.deepEqual(broker.endOffsets('refused'), [0, 1]);
  });
});

async function open(
  t: AsyncCleanableTest,
  brokers: string,
  topic: string,
  compression: CompressionAlgorithmValue,
): Promise<BatchProducer> {
  const client = await createProducer({ brokers, topic });
  t.after(() => closeClient(client));
  return new BatchProducer(await importKafkaClient(), client, {
    topic,
    acks: -1,
    compression,
    isIdempotent: true,
  });
}

/** Sent until a topic that was just made has its leaders. */
async function sent(producer: BatchProducer, batches: readonly RecordBatch[]): Promise<void> {
  for (;;) {
    const rest = batches.filter(({ isDelivered }) => !isDelivered);
    try {
      await producer.send(rest);
      return;
    } catch (error) {
      const isNew = errorsWithin(error).some(
        ({ apiId = '' }) =>
          apiId === 'NOT_LEADER_OR_FOLLOWER' || apiId === 'UNKNOWN_TOPIC_OR_PARTITION',
      );
      if (!isNew) throw error;
    }
  }
}

function batchOf(partition: number, values: readonly string[]): RecordBatch {
  const batch = new RecordBatch(partition);
  for (const text of values) {
    const value = Buffer.from(text);
    batch.add(Buffer.from('key'), value, 0, value.length, HEADERS);
  }
  return batch;
}
