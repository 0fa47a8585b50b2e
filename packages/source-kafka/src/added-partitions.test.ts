import assert from 'node:assert/strict';
import { test } from 'node:test';

import { KafkaBroker, requireKafka, until } from '@sockflow/test-support';

import { kafkaSource } from './kafka-source.ts';
import { LaneReader } from './lane-reader.test.support.ts';
import { oneLane } from './one-lane.test.support.ts';
import { packedRecords, produce } from './packed-records.test.support.ts';
import type { KafkaSourceOptions } from './source-options.ts';

const WAIT_MS = 60_000;

test('partitions that are added to a topic in the middle of a run', async (t) => {
  if (!requireKafka(t)) return;
  const broker = await KafkaBroker.start(t);
  const { address: brokers } = broker;
  const add = (topic: string, partitions: number): string =>
    broker.tool('TopicCommand', ['--alter', '--topic', topic, '--partitions', String(partitions)]);

  await t.test('are dealt to the members that are there, and read', async () => {
    const { messages, eventsOf } = packedRecords('grown', 4);
    broker.createTopic('grown', 2);
    const options = { brokers, topic: 'grown', group: 'grown', metadataMaxAgeMs: 500 };
    const lanes = [await oneLane(t, options), await oneLane(t, options)];
    for (const { reader } of lanes) reader.start();
    const ownEach = (partitions: number): Promise<unknown> =>
      until(
        `${partitions} partitions each`,
        () => lanes.every(({ note }) => note('partitions') === partitions),
        WAIT_MS,
      );
    await ownEach(1);
    add('grown', 4);
    await ownEach(2);
    await produce(brokers, messages);
    const all = eventsOf.flat().toSorted();
    const given = (): string[] => lanes.flatMap(({ reader }) => reader.events);
    await until('all events', () => given().length >= all.length, WAIT_MS);
    for (const { close } of lanes) await close();
    assert.deepEqual(given().toSorted(), all);
  });

  /** A run that has looked at a topic of one partition, to which a second one is added before its lane joins. Both have events. */
  const grownSinceStart = async (
    topic: string,
    more: Partial<KafkaSourceOptions>,
  ): Promise<{ reader: LaneReader; eventsOf: readonly (readonly string[])[] }> => {
    const { messages, eventsOf } = packedRecords(topic, 2);
    broker.createTopic(topic);
    const inPartition = (index: number): typeof messages =>
      messages.filter(({ partition }) => partition === index);
    await produce(brokers, inPartition(0));
    const source = kafkaSource({ brokers, topic, group: topic, commitEveryMs: 20, ...more });
    const opened = await source.open({ lanes: 1, plans: [] });
    add(topic, 2);
    await produce(brokers, inPartition(1));
    const reader = await LaneReader.open(source, opened, 0, 1);
    t.after(() => reader.close().catch(() => {}));
    reader.start();
    return { reader, eventsOf };
  };

  await t.test(
    'are read from their first record, also by a group that begins at the latest',
    async () => {
      const { reader, eventsOf } = await grownSinceStart('late', { from: 'latest' });
      const added = eventsOf[1] ?? [];
      await until('what was added', () => reader.events.length >= added.length, WAIT_MS);
      await reader.close();
      assert.ok(added.length > 0);
      assert.deepEqual(reader.events, added);
    },
  );

  await t.test('are no part of a run that ends where the topic did', async () => {
    const { reader, eventsOf } = await grownSinceStart('bounded', { until: 'now' });
    await until('the end', () => reader.hasEnded || reader.error !== undefined, WAIT_MS);
    await reader.untilEnd();
    await reader.close();
    assert.deepEqual(reader.events, eventsOf[0]);
  });
});
