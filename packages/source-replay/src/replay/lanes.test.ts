import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';

import { SOURCE_END, SOURCE_IDLE } from '@sockflow/core';
import { useTempDir } from '@sockflow/test-support';
import * as fc from 'fast-check';

import { ORIGIN_A, ORIGIN_B, randomSlots, selectionOf } from '../random-slots.test.support.ts';
import { type LaneTake, replayAll, type ReplayTake } from '../replay-all.test.support.ts';
import { RecordingWriter } from '../writer/recording-writer.ts';
import { replay } from './replay.ts';

const kindOf = (text: string): number =>
  parseInt(text.slice(text.indexOf(':') + 17).slice(0, 2), 16);
/** Cookie and origin: what a connection is here (one network namespace). */
const connectionOf = (text: string): string => {
  const hex = text.indexOf(':') + 1;
  return text.slice(0, hex) + text.slice(hex + 48, hex + 64);
};

function byConnection(texts: readonly string[]): Map<string, string[]> {
  const connections = new Map<string, string[]>();
  for (const text of texts) {
    const key = connectionOf(text);
    connections.set(key, [...(connections.get(key) ?? []), text]);
  }
  return connections;
}

function sum(take: ReplayTake, counter: keyof LaneTake['counters']): number {
  return take.lanes.reduce((total, lane) => total + lane.counters[counter], 0);
}

test('any number of lanes gives the same events: each connection in one lane and in order', async (t) => {
  const path = join(useTempDir(t), 'out.sfrec');
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        laneGroups: fc.constantFrom(1, 2, 8, 64),
        lanes: fc.constantFrom(2, 3, 4, 7, 64),
        seeds: fc.array(fc.nat(), { maxLength: 3 }),
        flushEvery: fc.boolean(),
      }),
      async ({ laneGroups, lanes, seeds, flushEvery }) => {
        const writer = RecordingWriter.create(path, { laneGroups, blockBytes: 64 << 10 });
        for (const [index, seed] of seeds.entries()) {
          const slots = randomSlots({ count: 600, seed, markerEvery: 60, longEvery: 9 });
          writer.appendSelection(selectionOf(slots, index % 2 === 0 ? ORIGIN_A : ORIGIN_B));
          if (flushEvery) writer.flush();
        }
        writer.close();
        const one = await replayAll(path);
        const many = await replayAll(path, { lanes });
        const [all] = one.lanes as [LaneTake];
        const given = many.lanes.flatMap((lane) => lane.events);
        assert.deepEqual(given.toSorted(), all.events.toSorted());
        for (const lane of many.lanes) {
          const expected = byConnection(all.events);
          for (const [connection, events] of byConnection(lane.events)) {
            assert.deepEqual(events, expected.get(connection), 'whole and in order');
          }
          const anchors = lane.markers.filter((text) => kindOf(text) === 5);
          assert.deepEqual(
            anchors,
            all.markers.filter((text) => kindOf(text) === 5),
          );
          assert.deepEqual(lane.endTimesUs, all.endTimesUs);
        }
        const losses = many.lanes
          .flatMap((lane) => lane.markers)
          .filter((text) => kindOf(text) === 4);
        assert.deepEqual(
          losses.toSorted(),
          all.markers.filter((text) => kindOf(text) === 4).toSorted(),
        );
        assert.equal(sum(many, 'recorded'), all.events.length);
        assert.equal(sum(many, 'read'), all.events.length);
      },
    ),
    { numRuns: 40 },
  );
});

test('with as many groups as lanes no lane reads what is another one’s', async (t) => {
  const path = join(useTempDir(t), 'out.sfrec');
  const slots = randomSlots({ count: 5000, seed: 3, connections: 500 });
  const writer = RecordingWriter.create(path, { laneGroups: 8, blockBytes: 64 << 10 });
  writer.appendSlots(slots.memory, 0, slots.endWord, ORIGIN_A);
  writer.close();
  for (const lanes of [2, 4, 8]) {
    const take = await replayAll(path, { lanes });
    assert.equal(sum(take, 'otherLanes'), 0);
    assert.equal(sum(take, 'bytesRead'), 5000 * 256);
  }
});

test('groups keep every event within its window, and every marker in its place', async (t) => {
  const path = join(useTempDir(t), 'out.sfrec');
  const slots = randomSlots({ count: 4000, seed: 4, markerEvery: 300, connections: 100 });
  const texts = (await writeAndReplay(path, slots, 1)).stream;
  const grouped = (await writeAndReplay(path, slots, 4)).stream;
  assert.deepEqual(grouped.toSorted(), texts.toSorted());
  assert.notDeepEqual(grouped, texts);
  const place = new Map(texts.map((text, index) => [text, index]));
  const windowSlots = (4 * (64 << 10)) / 256;
  grouped.forEach((text, index) => {
    const moved = Math.abs((place.get(text) ?? NaN) - index);
    assert.ok(moved < windowSlots, `moved by ${moved}`);
    if ([4, 5].includes(kindOf(text))) assert.equal(moved, 0, 'a marker was moved');
  });
});

async function writeAndReplay(
  path: string,
  slots: ReturnType<typeof randomSlots>,
  laneGroups: number,
): Promise<LaneTake> {
  const writer = RecordingWriter.create(path, { laneGroups, blockBytes: 64 << 10 });
  writer.appendSlots(slots.memory, 0, slots.endWord, ORIGIN_A);
  writer.close();
  return (await replayAll(path)).lanes[0]!;
}

test('a window of groups ends with its time, too', (t) => {
  const path = join(useTempDir(t), 'out.sfrec');
  const writer = RecordingWriter.create(path, { laneGroups: 4, windowMs: 100 });
  for (const startUs of [0, 50_000, 99_000]) {
    const slots = randomSlots({ count: 1, seed: 1, startUs });
    writer.appendSlots(slots.memory, 0, slots.endWord, ORIGIN_A);
    assert.equal(writer.eventsWritten, 0);
  }
  const slots = randomSlots({ count: 1, seed: 1, startUs: 100_001 });
  writer.appendSlots(slots.memory, 0, slots.endWord, ORIGIN_A);
  assert.equal(writer.eventsWritten, 4);
  writer.abandon();
});

test('a recording may be replaced while it is replayed', async (t) => {
  const path = join(useTempDir(t), 'out.sfrec');
  const slots = randomSlots({ count: 2000, seed: 4 });
  const before = await writeAndReplay(path, slots, 1);
  const source = replay(path);
  const opened = await source.open({ lanes: 1, plans: [] });
  RecordingWriter.create(path).close();
  const counts = { read: 0 };
  const lane = await source.openLane({
    lane: 0,
    lanes: 1,
    laneData: structuredClone(opened.laneData(0)),
    plans: [],
    counters: { add: () => {} },
  });
  for (let span = lane.next(); span !== SOURCE_END; span = lane.next()) {
    if (span !== SOURCE_IDLE) counts.read += (span.endWord - span.startWord) / 64;
  }
  await lane.close();
  await opened.close();
  assert.equal(counts.read, before.events.length);
});
