import assert from 'node:assert/strict';
import { test } from 'node:test';

import { KafkaBroker, requireKafka, until } from '@sockflow/test-support';

import { type OneLane, oneLane } from './one-lane.test.support.ts';
import { packedRecords, produce } from './packed-records.test.support.ts';

const PARTITIONS = 4;
const WAIT_MS = 60_000;

test('members of a group that come and go', async (t) => {
  if (!requireKafka(t)) return;
  const broker = await KafkaBroker.start(t);
  const records = packedRecords('events', PARTITIONS, 20);
  const all = records.eventsOf.flat().toSorted();
  broker.createTopic('events', PARTITIONS);
  await produce(broker.address, records.messages);

  const join = (group: string): Promise<OneLane> =>
    oneLane(t, { brokers: broker.address, topic: 'events', group });
  const owns = (lane: OneLane): number => lane.note('partitions');

  await t.test(
    'share the partitions, and one that leaves hands over without a duplicate',
    async () => {
      const first = await join('share');
      const second = await join('share');
      first.reader.start();
      second.reader.start();
      await until('two owners', () => owns(first) === 2 && owns(second) === 2, WAIT_MS);
      await until(
        'all events',
        () => first.reader.events.length + second.reader.events.length >= all.length,
        WAIT_MS,
      );
      await first.close();
      await until('one owner', () => owns(second) === PARTITIONS, WAIT_MS);
      const ofSecond = second.reader.events.length;
      await produce(broker.address, records.messages);
      await until('more', () => second.reader.events.length >= ofSecond + all.length, WAIT_MS);
      await second.close();
      const given = [...first.reader.events, ...second.reader.events].toSorted();
      assert.deepEqual(given, [...all, ...all].toSorted());
      assert.equal(first.note('unacknowledgedAtRevoke'), 0);
    },
  );

  await t.test('give again what the one before had under way, and nothing else', async () => {
    const first = await join('held');
    // Takes everything, and its sinks acknowledge nothing.
    first.reader.start({ acknowledges: false });
    await until('all events', () => first.reader.events.length >= 2 * all.length, WAIT_MS);
    const second = await join('held');
    second.reader.start();
    await until('two owners', () => owns(first) === 2 && owns(second) === 2, WAIT_MS);
    await until(
      'what was moved',
      () => second.note('lag') === 0 && second.reader.events.length > 0,
      WAIT_MS,
    );
    // What it kept goes on where it was: not once more.
    assert.equal(first.reader.events.length, 2 * all.length);
    first.reader.acknowledge();
    await first.close();
    await until('one owner', () => owns(second) === PARTITIONS, WAIT_MS);
    await second.close();
    const moved = records.eventsOf.filter((events) =>
      events.every((event) => second.reader.events.includes(event)),
    );
    assert.equal(moved.length, 2);
    assert.equal(second.reader.events.length, 2 * moved.flat().length);
    assert.ok(first.note('unacknowledgedAtRevoke') > 0);
  });
});
