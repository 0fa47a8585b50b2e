import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { MessageToProduce } from '@platformatic/kafka';
import { KafkaBroker, requireKafka } from '@sockflow/test-support';

import { oneLane, type OneLane } from './one-lane.test.support.ts';
import { packedRecords, produce, slotHeaders } from './packed-records.test.support.ts';
import type { KafkaSourceOptions } from './source-options.ts';

const ORIGIN = '{"id":"a"}';
const BOUNDED = { until: 'now' } as const;

test('records that are no events', async (t) => {
  if (!requireKafka(t)) return;
  const broker = await KafkaBroker.start(t);
  const good = packedRecords('good', 1, 200);
  const events = good.eventsOf[0] ?? [];
  const [before, ...behind] = good.messages;

  /** A topic with something between good records; that something, its offset being 1. */
  const withBad = async (topic: string, ...bad: Partial<MessageToProduce>[]): Promise<void> => {
    const all = [before, ...bad, ...behind] as MessageToProduce[];
    broker.createTopic(topic);
    await produce(
      broker.address,
      all.map((message) => ({ ...message, topic, partition: 0 })),
    );
  };
  const lane = (topic: string, more: Partial<KafkaSourceOptions> = {}): Promise<OneLane> =>
    oneLane(t, { brokers: broker.address, topic, group: topic, ...BOUNDED, ...more });
  const notSlots = { value: Buffer.from('x'.repeat(256)), headers: slotHeaders(ORIGIN) };

  await t.test('end the run, by name and place, and the next one at the same place', async () => {
    await withBad('stop', notSlots);
    const first = await lane('stop');
    const refusal = {
      code: 'ERR_SOCKFLOW_KAFKA_BAD_VALUE',
      message: "topic 'stop', partition 0, offset 1: no slot begins at byte 0",
      details: { topic: 'stop', partition: 0, offset: 1 },
    };
    await assert.rejects(first.reader.start().untilEnd(), refusal);
    assert.deepEqual(first.reader.events, events.slice(0, 200));
    await first.close();
    const second = await lane('stop');
    await assert.rejects(second.reader.start().untilEnd(), refusal);
    assert.equal(second.reader.events.length, 0);
    await second.close();
  });

  await t.test('go to the dead letters as they were, with where they lay and why', async () => {
    const foreign = {
      key: Buffer.from('k'),
      value: Buffer.from('not ours'),
      headers: new Map([[Buffer.from('a'), Buffer.from('b')]]),
    };
    await withBad('poison', foreign, notSlots, { value: null as unknown as Buffer });
    broker.createTopic('dead');
    const own = await lane('poison', { onBadValue: { deadLetterTopic: 'dead' } });
    own.reader.start();
    await own.reader.untilEnd();
    await own.close();
    assert.deepEqual(own.reader.events, events);
    assert.deepEqual([own.reader.counts.bad, own.note('deadLetters'), own.note('lag')], [3, 3, 0]);
    const reason = 'sockflow-dead-letter-reason';
    assert.deepEqual(deadLetters(broker, 'dead', 3), [
      `a:b,${placeOf(1)},${reason}:no header sockflow-schema: not written by Sockflow\tk\tnot ours`,
      `${headersText(notSlots.headers)},${placeOf(2)},${reason}:no slot begins at byte 0\tnull\t${String(notSlots.value)}`,
      `${placeOf(3)},${reason}:no header sockflow-schema: not written by Sockflow\tnull\tnull`,
    ]);
    const again = await lane('poison', { onBadValue: { deadLetterTopic: 'dead' } });
    again.reader.start();
    await again.reader.untilEnd();
    assert.equal(again.reader.events.length, 0);
    await again.close();
  });

  await t.test('stay where they are when a newer version can read them, unless asked', async () => {
    await withBad('future', { ...notSlots, headers: slotHeaders(ORIGIN, 'slots/2') });
    const deadLetterTopic = 'dead';
    const refused = await lane('future', { onBadValue: { deadLetterTopic } });
    await assert.rejects(refused.reader.start().untilEnd(), {
      code: 'ERR_SOCKFLOW_KAFKA_SCHEMA',
      message: /offset 1: the schema 'slots\/2' is not known/,
    });
    await refused.close();
    const onBadValue = { deadLetterTopic, unknownSchemas: true };
    const asked = await lane('future', { onBadValue });
    asked.reader.start();
    await asked.reader.untilEnd();
    await asked.close();
    assert.deepEqual(asked.reader.events, events.slice(200));
    assert.equal(asked.note('deadLetters'), 1);
  });
});

/** What Kafka's own consumer prints of the first records of a topic: headers, key, value. */
function deadLetters(broker: KafkaBroker, topic: string, count: number): string[] {
  const printed = ['headers', 'key', 'value'].flatMap((what) => [
    '--formatter-property',
    `print.${what}=true`,
  ]);
  const size = ['--from-beginning', '--max-messages', String(count), '--timeout-ms', '60000'];
  const output = broker.tool('consumer.ConsoleConsumer', ['--topic', topic, ...size, ...printed]);
  return output.trimEnd().split('\n');
}

function placeOf(offset: number): string {
  const place = { topic: 'poison', partition: 0, offset, code: 'ERR_SOCKFLOW_KAFKA_BAD_VALUE' };
  return Object.entries(place)
    .map(([name, value]) => `sockflow-dead-letter-${name}:${value}`)
    .join(',');
}

function headersText(headers: ReadonlyMap<Buffer, Buffer>): string {
  return [...headers].map(([name, value]) => `${String(name)}:${String(value)}`).join(',');
}
