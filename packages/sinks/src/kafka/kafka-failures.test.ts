import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import type { SinkWriter } from '@sockflow/core';
import { checkSink } from '@sockflow/core/conformance';
import { until } from '@sockflow/test-support';

import type { KafkaOptions } from './kafka-options.ts';
import { kafka } from './kafka.ts';
import { readTopic } from './read-topic.test.support.ts';
import { sharedBroker } from './shared-broker.test.support.ts';
import { deleteTopic, makeTopic } from './topics.test.support.ts';

const ONE_LANE = { lane: 0, lanes: 1 } as const;
const KIB = 1024;

/** A value that is `bytes` long as JSON, about. */
function valueOf(n: number, bytes = 100): { n: number; text: string } {
  return { n, text: 'x'.repeat(bytes) };
}

function assertBalanced({ acknowledged, failed }: SinkWriter, given: number): void {
  assert.equal(acknowledged + failed, given);
}

describe('a topic that takes nothing', () => {
  const useBroker = sharedBroker({ properties: { 'auto.create.topics.enable': 'false' } });

  async function open(brokers: string, topic: string, more: Partial<KafkaOptions> = {}) {
    return kafka({ brokers, topic, lingerMs: 1, ...more }).open(ONE_LANE);
  }

  test('is refused before the run where no broker answers', async () => {
    for (const brokers of ['127.0.0.1:1', 'no-such-host.invalid:9092']) {
      await assert.rejects(async () => kafka({ brokers, topic: 'any' }).prepare?.({ lanes: 1 }), {
        code: 'ERR_SOCKFLOW_KAFKA_UNREACHABLE',
        message: /no answer from Kafka at .* for topic 'any' .*(ECONNREFUSED|ENOTFOUND|EAI_AGAIN)/,
        remedy: /listeners/,
      });
    }
  });

  test('is refused before the run where there is none and nobody may make it', async (t) => {
    const broker = await useBroker(t);
    if (broker === undefined) return;
    const brokers = broker.address;
    await assert.rejects(async () => kafka({ brokers, topic: 'none' }).prepare?.({ lanes: 1 }), {
      code: 'ERR_SOCKFLOW_KAFKA_TOPIC',
      message: "Kafka topic 'none': there is no such topic",
      remedy: /Make the topic first/,
    });
  });

  test('refuses what is larger than maxRecordBytes, and has what came before', async (t) => {
    const broker = await useBroker(t);
    if (broker === undefined) return;
    await makeTopic(broker.address, 'own-bound');
    const writer = await open(broker.address, 'own-bound', { maxRecordBytes: 8 * KIB });
    await writer.write(valueOf(0));
    assert.throws(() => writer.write(valueOf(1, 8 * KIB)), {
      code: 'ERR_SOCKFLOW_KAFKA_REFUSED',
      message: /a record of 8\d\d\d bytes is larger than maxRecordBytes, 8192/,
    });
    await writer.close({ isComplete: false });
    assert.equal(writer.acknowledged, 1);
    assertBalanced(writer, 2);
    assert.equal((await readTopic(broker.address, 'own-bound')).length, 1);
  });

  test("tells of the topic's own bound, and acknowledges what it has only", async (t) => {
    const broker = await useBroker(t);
    if (broker === undefined) return;
    await makeTopic(broker.address, 'bound', { 'max.message.bytes': '20000' });
    const writer = await open(broker.address, 'bound');
    await writer.write(valueOf(0));
    await writer.flush();
    await writer.write(valueOf(1, 30 * KIB));
    const refused = {
      code: 'ERR_SOCKFLOW_KAFKA_REFUSED',
      message: "Kafka topic 'bound': a batch of records is larger than the topic allows",
      remedy: /max\.message\.bytes/,
    };
    await assert.rejects(async () => writer.flush(), refused);
    assert.throws(() => writer.write(valueOf(2)), refused);
    await writer.close({ isComplete: false });
    assert.equal(writer.acknowledged, 1);
    assertBalanced(writer, 3);
    assert.equal((await readTopic(broker.address, 'bound')).length, 1);
  });

  test('deleted in the middle of a run ends it, and nothing counts that was not there', async (t) => {
    const broker = await useBroker(t);
    if (broker === undefined) return;
    await makeTopic(broker.address, 'deleted');
    const writer = await open(broker.address, 'deleted');
    await writer.write(valueOf(0));
    await writer.flush();
    await deleteTopic(broker.address, 'deleted');
    await writer.write(valueOf(1));
    await assert.rejects(async () => writer.flush(), {
      code: 'ERR_SOCKFLOW_KAFKA_TOPIC',
      message: "Kafka topic 'deleted': there is no such topic",
    });
    await writer.close({ isComplete: false });
    assert.equal(writer.acknowledged, 1);
    assertBalanced(writer, 2);
  });

  test('holds the lane back at maxInFlightBytes while a broker is frozen, and has all of it once afterwards', async (t) => {
    const broker = await useBroker(t);
    if (broker === undefined) return;
    await makeTopic(broker.address, 'frozen');
    const bounds = { batchBytes: 32 * KIB, maxInFlightBytes: 256 * KIB };
    const warnings: string[] = [];
    const options = { brokers: broker.address, topic: 'frozen', lingerMs: 1, ...bounds };
    const writer = await kafka(options).open({ ...ONE_LANE, warn: (text) => warnings.push(text) });
    await writer.write(valueOf(0));
    await writer.flush();
    broker.freeze();
    let given = 1;
    let held: Promise<void> | void = undefined;
    while (held === undefined && given < 1000) held = writer.write(valueOf(given++, KIB));
    // 1 KiB each: so many and no more wait in the sink.
    assert.ok(given > 200 && given < 300, String(given));
    assert.equal(writer.acknowledged, 1);
    await until('a word about it', () => warnings.length > 0);
    broker.thaw();
    await held;
    assert.match(
      warnings.join(),
      /^no answer from Kafka at [^,]* for topic 'frozen' in [^,]* tried/,
    );
    for (let more = 0; more < 10; more++) await writer.write(valueOf(given++, KIB));
    await writer.close({ isComplete: true });
    assert.equal(writer.acknowledged, given);
    const found = await readTopic(broker.address, 'frozen');
    const numbers = found.map(({ value }) => (JSON.parse(String(value)) as { n: number }).n);
    assert.deepEqual(
      numbers,
      Array.from({ length: given }, (_, n) => n),
    );
  });

  test('is given up after the delivery timeout, or at once where the run has failed, and closes again', async (t) => {
    const broker = await useBroker(t);
    if (broker === undefined) return;
    await makeTopic(broker.address, 'dead');
    const impatient = await open(broker.address, 'dead', { deliveryTimeoutMs: 500 });
    const hopeful = await open(broker.address, 'dead');
    for (const writer of [impatient, hopeful]) {
      await writer.write(valueOf(0));
      await writer.flush();
    }
    broker.freeze();
    t.after(() => broker.thaw());
    for (const writer of [impatient, hopeful]) await writer.write(valueOf(1, 512 * KIB));
    const unreachable = { code: 'ERR_SOCKFLOW_KAFKA_UNREACHABLE' };
    await assert.rejects(async () => impatient.flush(), unreachable);
    await impatient.close({ isComplete: false });
    const drained = assert.rejects(async () => hopeful.flush(), unreachable);
    await assert.rejects(async () => hopeful.close({ isComplete: false }), unreachable);
    await drained;
    for (const writer of [impatient, hopeful]) {
      await Promise.resolve(writer.close({ isComplete: false })).catch(() => undefined);
      assert.equal(writer.acknowledged, 1);
      assertBalanced(writer, 2);
    }
  });

  test('keeps the rules of sinks, packed or not', async (t) => {
    const broker = await useBroker(t);
    if (broker === undefined) return;
    for (const encoding of ['json', 'slots'] as const) {
      await makeTopic(broker.address, `rules-${encoding}`);
      const sink = kafka({
        brokers: broker.address,
        topic: `rules-${encoding}`,
        encoding,
        maxInFlightBytes: KIB * KIB,
        batchBytes: 64 * KIB,
      });
      assert.deepEqual(await checkSink(sink), []);
    }
  });
});
