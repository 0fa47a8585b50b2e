import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { closeClient, ConnectionTroubles, importKafkaClient } from '@sockflow/kafka-client/client';
import { type AsyncCleanableTest, type KafkaBroker, until } from '@sockflow/test-support';

import { BatchProducer } from './batch-producer.ts';
import { createProducer } from './kafka-client.ts';
import { readTopic } from './read-topic.test.support.ts';
import { encodeHeaders } from './record-batch.ts';
import { RequestPipeline } from './request-pipeline.ts';
import { RequestSender } from './request-sender.ts';
import { Request } from './request.ts';
import { sharedBroker } from './shared-broker.test.support.ts';

const PARTITIONS = 3;
const RECORDS = 4;
const LARGE = 'x'.repeat(3000);
const NO_HEADERS = encodeHeaders(new Map());

/** Numbered requests through a pipeline, as many at once as it allows. */
class Numbered {
  readonly delivered: number[];
  started: number;
  mostUnderWay: number;
  failure: unknown;
  /** That of a request which no topic takes. */
  largeNumber: number | undefined;
  readonly #pipeline: RequestPipeline;
  readonly #numbers: Map<Request, number>;
  #until: number;

  constructor(sender: RequestSender) {
    this.delivered = [];
    this.started = 0;
    this.mostUnderWay = 0;
    this.failure = undefined;
    this.largeNumber = undefined;
    this.#numbers = new Map();
    this.#until = 0;
    this.#pipeline = new RequestPipeline(sender, {
      delivered: (request) => this.delivered.push(this.#numbers.get(request) ?? -1),
      mayGoOn: () => this.#goOn(),
      failed: (error) => (this.failure = error),
    });
  }

  startUntil(end: number): void {
    this.#until = end;
    this.#goOn();
  }

  async deliveredUntil(end: number): Promise<void> {
    await until(`${end} requests delivered`, () => {
      if (this.failure !== undefined) throw this.failure;
      return this.delivered.length >= end;
    });
  }

  #goOn(): void {
    while (this.started < this.#until) {
      const isLarge = this.started === this.largeNumber;
      const request = requestOf(this.started, isLarge ? LARGE : '');
      if (!this.#pipeline.mayStart(request)) return;
      this.#numbers.set(request, this.started++);
      this.#pipeline.start(request);
      this.mostUnderWay = Math.max(this.mostUnderWay, this.#pipeline.underWay);
    }
  }
}

describe('several requests under way', () => {
  const useBroker = sharedBroker();

  test('are in the topic once and in their order, though the broker is killed in between, again and again', async (t) => {
    const broker = await useBroker(t);
    if (broker === undefined) return;
    broker.createTopic('killed', PARTITIONS);
    const warnings: string[] = [];
    const requests = await open(t, broker, 'killed', true, warnings);
    // The first is alone: the broker knows nothing of the producer yet.
    requests.startUntil(1);
    await requests.deliveredUntil(1);
    let end = 1;
    for (const answered of [0, 2]) {
      broker.freeze();
      end += 20;
      requests.startUntil(end);
      await until('five under way', () => requests.started - requests.delivered.length === 5);
      const before = requests.delivered.length;
      broker.thaw();
      await requests.deliveredUntil(before + answered);
      await broker.stop('SIGKILL');
      await broker.restart();
      // All of them: else the next freeze may come while there is trouble still.
      await requests.deliveredUntil(end);
    }
    assert.equal(requests.mostUnderWay, 5);
    assert.deepEqual(requests.delivered, [...Array(end).keys()]);
    await assertWhole(broker, 'killed', end);
    assert.deepEqual(
      warnings.filter((text) => text.includes('twice')),
      [],
    );
  });

  test('are one without idempotence', async (t) => {
    const broker = await useBroker(t);
    if (broker === undefined) return;
    broker.createTopic('plain', PARTITIONS);
    const requests = await open(t, broker, 'plain', false, []);
    requests.startUntil(20);
    await requests.deliveredUntil(20);
    assert.equal(requests.mostUnderWay, 1);
    await assertWhole(broker, 'plain', 20);
  });

  test('end with one that can never be taken, and nothing behind it is told as delivered', async (t) => {
    const broker = await useBroker(t);
    if (broker === undefined) return;
    broker.createTopic('refused-behind', PARTITIONS, ['max.message.bytes=2000']);
    const requests = await open(t, broker, 'refused-behind', true, []);
    requests.startUntil(1);
    await requests.deliveredUntil(1);
    requests.largeNumber = 3;
    broker.freeze();
    requests.startUntil(6);
    await until('five under way', () => requests.started === 6);
    broker.thaw();
    await until('the end', () => requests.failure !== undefined);
    assert.match(String(requests.failure), /larger than the topic allows/);
    assert.deepEqual(requests.delivered, [0, 1, 2]);
    assert.deepEqual(broker.endOffsets('refused-behind'), [12, 12, 12]);
  });
});

async function open(
  t: AsyncCleanableTest,
  broker: KafkaBroker,
  topic: string,
  isIdempotent: boolean,
  warnings: string[],
): Promise<Numbered> {
  const client = await createProducer({
    brokers: broker.address,
    topic,
    idempotent: isIdempotent,
  });
  t.after(() => closeClient(client));
  const batches = new BatchProducer(await importKafkaClient(), client, {
    topic,
    acks: -1,
    compression: 'none',
    isIdempotent,
  });
  const sender = new RequestSender(client, batches, new ConnectionTroubles(client), {
    task: { topic, brokers: broker.address, operation: 'WRITE' },
    deliveryTimeoutMs: 60_000,
    isIdempotent,
    isEnding: () => false,
    warn: (text) => warnings.push(text),
  });
  return new Numbered(sender);
}

/** A batch for each partition, whose records say which request they are of, and their number in it. */
function requestOf(number: number, more: string): Request {
  const request = new Request(PARTITIONS);
  for (let partition = 0; partition < PARTITIONS; partition++) {
    request.partitionBytes[partition] = 1;
    const batch = request.batchFor(partition, []);
    for (let record = 0; record < RECORDS; record++) {
      const value = Buffer.from(`${number}.${record}${more}`);
      batch.add(undefined, value, 0, value.length, NO_HEADERS);
    }
  }
  return request;
}

async function assertWhole(broker: KafkaBroker, topic: string, requests: number): Promise<void> {
  const found = await readTopic(broker.address, topic);
  const expected = Array.from({ length: requests * RECORDS }, (_, index) => {
    return `${Math.floor(index / RECORDS)}.${index % RECORDS}`;
  });
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const own = found.filter((record) => record.partition === partition);
    assert.deepEqual(
      own.map(({ value }) => value.toString()),
      expected,
    );
  }
}
