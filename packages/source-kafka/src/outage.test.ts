import assert from 'node:assert/strict';
import { test } from 'node:test';

import { KafkaBroker, requireKafka, until } from '@sockflow/test-support';

import { kafkaSource } from './kafka-source.ts';
import { oneLane } from './one-lane.test.support.ts';
import { packedRecords, produce } from './packed-records.test.support.ts';

const PARTITIONS = 2;
const WAIT_MS = 60_000;
const PASSWORD = 'alice-secret';
const JAAS = [
  'org.apache.kafka.common.security.plain.PlainLoginModule required',
  'username="admin" password="admin-secret" user_admin="admin-secret"',
  `user_alice="${PASSWORD}";`,
].join(' ');

test('brokers that go, refuse or are not there', async (t) => {
  if (!requireKafka(t)) return;
  const broker = await KafkaBroker.start(t, {
    listeners: { SASL: 'SASL_PLAINTEXT' },
    properties: {
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'super.users': 'User:ANONYMOUS',
      'listener.name.sasl.sasl.enabled.mechanisms': 'PLAIN',
      'listener.name.sasl.plain.sasl.jaas.config': JAAS,
    },
  });
  const { address: brokers } = broker;
  const records = packedRecords('events', PARTITIONS, 20);
  const all = [...new Set(records.eventsOf.flat())].toSorted();
  // What is read again after an outage says nothing of what is new: so half of the events come later.
  const isEarly = (_message: unknown, index: number): boolean => index % 2 === 0;
  const early = records.messages.filter(isEarly);
  const late = records.messages.filter((message, index) => !isEarly(message, index));
  broker.createTopic('events', PARTITIONS);
  await produce(brokers, early);

  await t.test('say before the run starts what is not there or not allowed', async () => {
    const open = (options: object): Promise<unknown> =>
      kafkaSource({ brokers, topic: 'events', group: 'g', ...options }).open({
        lanes: 1,
        plans: [],
      });
    await assert.rejects(open({ topic: 'none' }), { code: 'ERR_SOCKFLOW_KAFKA_TOPIC' });
    await assert.rejects(open({ brokers: '127.0.0.1:1' }), {
      code: 'ERR_SOCKFLOW_KAFKA_UNREACHABLE',
      message: /127\.0\.0\.1:1/,
    });
    const onBadValue = { deadLetterTopic: 'no-letters' };
    await assert.rejects(open({ onBadValue }), {
      code: 'ERR_SOCKFLOW_KAFKA_TOPIC',
      message: /no-letters/,
    });
    process.env['SOCKFLOW_TEST_ALICE'] = PASSWORD;
    t.after(() => delete process.env['SOCKFLOW_TEST_ALICE']);
    const sasl = {
      mechanism: 'PLAIN',
      username: 'alice',
      passwordEnv: 'SOCKFLOW_TEST_ALICE',
    } as const;
    const asAlice = { brokers: broker.addressOf('SASL'), sasl };
    const noRight = {
      code: 'ERR_SOCKFLOW_KAFKA_ACCESS',
      remedy: 'Give the user READ and DESCRIBE on the topic',
    };
    await assert.rejects(open(asAlice), noRight);
    const wrong = { ...asAlice, sasl: { ...sasl, username: 'bob' } };
    await assert.rejects(open(wrong), { code: 'ERR_SOCKFLOW_KAFKA_ACCESS' });
  });

  await t.test('say which session timeout they do not allow', async () => {
    const refused = oneLane(t, { brokers, topic: 'events', group: 'short', sessionTimeoutMs: 10 });
    await assert.rejects(refused, {
      code: 'ERR_SOCKFLOW_KAFKA_GROUP',
      message: /sessionTimeoutMs/,
    });
  });

  await t.test('may be killed while they are read from, and come back', async () => {
    const { reader, close } = await oneLane(t, { brokers, topic: 'events', group: 'killed' });
    reader.start();
    await until('first events', () => reader.events.length > 0, WAIT_MS);
    reader.pause();
    await broker.stop('SIGKILL');
    reader.resume();
    await broker.restart();
    await produce(brokers, late);
    await until('all of them', () => new Set(reader.events).size === all.length, WAIT_MS);
    await close();
    assert.deepEqual([...new Set(reader.events)].toSorted(), all);
    const again = await oneLane(t, { brokers, topic: 'events', group: 'killed', until: 'now' });
    again.reader.start();
    await again.reader.untilEnd();
    await again.close();
    assert.deepEqual(again.reader.events, []);
  });

  await t.test('are given up when they stay away, with what was not committed said', async () => {
    const { reader, close } = await oneLane(t, {
      brokers,
      topic: 'events',
      group: 'gone',
      unreachableAfterMs: 1500,
    });
    reader.start();
    await until('all events', () => new Set(reader.events).size === all.length, WAIT_MS);
    await broker.stop('SIGKILL');
    await assert.rejects(reader.untilEnd(), {
      code: 'ERR_SOCKFLOW_KAFKA_UNREACHABLE',
      message: /no answer from Kafka at .* for topic 'events' in [\d.]+ s/,
    });
    await close();
  });
});
