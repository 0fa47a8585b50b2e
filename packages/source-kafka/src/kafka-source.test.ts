import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { run } from '@sockflow/core';
import { checkCommittingSource } from '@sockflow/core/conformance';
import { KafkaBroker, requireKafka, until, useTempDir } from '@sockflow/test-support';

import { kafkaSource } from './kafka-source.ts';
import { isInOrder, LaneReader } from './lane-reader.test.support.ts';
import { packedRecords, produce } from './packed-records.test.support.ts';
import type { KafkaSourceOptions } from './source-options.ts';

const PIPELINE = new URL('./kafka-source.test.pipeline.js', import.meta.url);
const SESSION_MS = 6000;
const BOUNDED = { until: 'now' } as const;

test('a topic as a source', async (t) => {
  if (!requireKafka(t)) return;
  const PARTITIONS = 3;
  const records = packedRecords('events', PARTITIONS);
  const all = records.eventsOf.flat().toSorted();

  const broker = await KafkaBroker.start(t);
  broker.createTopic('events', PARTITIONS);
  await produce(broker.address, records.messages);

  const options = (group: string, more: Partial<KafkaSourceOptions> = {}): KafkaSourceOptions => ({
    brokers: broker.address,
    topic: 'events',
    group,
    sessionTimeoutMs: SESSION_MS,
    commitEveryMs: 20,
    ...more,
  });

  for (const lanes of [1, 2]) {
    await t.test(
      `gives every event once to ${lanes} lanes, in the order of its partition, and ends where the topic did`,
      async () => {
        const source = kafkaSource(options(`every-${lanes}`, BOUNDED));
        const opened = await source.open({ lanes, plans: [] });
        const readers = await Promise.all(
          Array.from({ length: lanes }, (_, lane) => LaneReader.open(source, opened, lane, lanes)),
        );
        for (const reader of readers) reader.start();
        await Promise.all(readers.map((reader) => reader.untilEnd()));
        await Promise.all(readers.map((reader) => reader.close()));
        await opened.close();
        assert.deepEqual(readers.flatMap(({ events }) => events).toSorted(), all);
        for (const events of records.eventsOf) {
          assert.equal(readers.filter((reader) => isInOrder(reader.events, events)).length, 1);
        }
        const { notes, counts, isSettled } = opened.ledger?.() ?? assert.fail();
        assert.deepEqual([notes['lag'], isSettled], [0, true]);
        assert.equal(
          counts.reduce((sum, { submitted }) => sum + submitted, 0),
          all.length,
        );
      },
    );
  }

  await t.test('commits nothing but what was acknowledged, and goes on behind it', async () => {
    const source = kafkaSource(options('resume', BOUNDED));
    const first = await source.open({ lanes: 1, plans: [] });
    const held = (await LaneReader.open(source, first, 0, 1)).start({ acknowledges: false });
    await held.untilEnd();
    const spans = Math.floor(held.spansGiven / 2);
    const done = held.spanEvents.slice(0, spans).reduce((sum, events) => sum + events, 0);
    held.acknowledge(spans);
    await held.close();
    await first.close();
    const second = await source.open({ lanes: 1, plans: [] });
    const rest = (await LaneReader.open(source, second, 0, 1)).start();
    await rest.untilEnd();
    await rest.close();
    await second.close();
    assert.deepEqual(rest.events.toSorted(), held.events.slice(done).toSorted());
    assert.ok(rest.events.length > 0 && done > 0);
  });

  await t.test('commits while it is read, in the background', async () => {
    const source = kafkaSource(options('background'));
    const opened = await source.open({ lanes: 1, plans: [] });
    const reader = (await LaneReader.open(source, opened, 0, 1)).start();
    await until('a commit', () => (opened.ledger?.().notes['commits'] ?? 0) > 0);
    await reader.close();
    await opened.close();
  });

  await t.test(
    'runs a pipeline in threads to its end, and what its sinks accepted is committed',
    async () => {
      const dir = useTempDir(t);
      const sink = `file:${join(dir, 'out.ndjson')}`;
      const params = { brokers: broker.address, group: 'run', topic: 'events', sink };
      const { ledger, outcome } = await run(PIPELINE, { lanes: 2, params }).done;
      assert.equal(outcome, 'completed');
      const { read, bad } = ledger.total;
      assert.deepEqual([read, bad], [all.length, 0]);
      const lines = readdirSync(dir).map((name) =>
        readFileSync(join(dir, name), 'utf8').split('\n'),
      );
      assert.equal(
        lines.reduce((sum, own) => sum + own.length - 1, 0),
        all.length,
      );
      const again = await run(PIPELINE, { lanes: 1, params }).done;
      assert.equal(again.ledger.total.read, 0);
    },
  );

  await t.test('keeps the contract of a source that commits', async () => {
    const source = kafkaSource(options('contract'));
    assert.deepEqual(
      await checkCommittingSource(source, { events: all.length, idleEndMs: 4000 }),
      [],
    );
  });
});
