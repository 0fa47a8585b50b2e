import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import {
  type Batch,
  filterOp,
  filterPort,
  type Plan,
  type PlanFilter,
  SOURCE_END,
  SOURCE_IDLE,
} from '@sockflow/core';
import { useTempDir } from '@sockflow/test-support';
import * as fc from 'fast-check';

import { fromReplay } from '../from-replay.ts';
import { ORIGIN_A, ORIGIN_B, randomSlots, slotHex } from '../random-slots.test.support.ts';
import { openRecording } from '../reader/open-recording.ts';
import { replayAll } from '../replay-all.test.support.ts';
import { RecordingWriter } from '../writer/recording-writer.ts';
import { replay } from './replay.ts';

/** Small blocks, each of which lacks something that filters ask for. */
function writeBlocks(path: string): void {
  const writer = RecordingWriter.create(path);
  for (let block = 0; block < 24; block++) {
    const slots = randomSlots({
      count: 1 + (block % 5),
      seed: block,
      markerEvery: block % 6 === 0 ? 3 : 0,
      connections: 6,
      startUs: 1000 + block * 50,
    });
    writer.appendSlots(slots.memory, 0, slots.endWord, block % 7 === 0 ? ORIGIN_B : ORIGIN_A);
    writer.flush();
  }
  writer.close();
}

/** The reference: decides by the bytes of the slot, as the record's table says. */
function passes(text: string, filter: PlanFilter): boolean {
  const origin = text.slice(0, text.indexOf(':'));
  const slot = Buffer.from(text.slice(text.indexOf(':') + 1), 'hex');
  const kind = slot.readUInt8(8);
  const timeNs = slot.readBigUInt64LE(16);
  switch (filter.type) {
    case 'op':
      return kind === 1 && filter.ops.includes(slot.readUInt8(9));
    case 'kind':
      return filter.kinds.includes(kind);
    case 'state':
      return (kind === 1 || kind === 3) && filter.states.includes(slot.readUInt8(11));
    case 'port':
      return (
        (filter.end !== 'remote' && filter.ports.includes(slot.readUInt16LE(42))) ||
        (filter.end !== 'local' && filter.ports.includes(slot.readUInt16BE(40)))
      );
    case 'connection':
      return (
        slot.readBigUInt64LE(24) === filter.cookie &&
        (filter.originId === undefined || filter.originId === origin)
      );
    case 'time':
      return (
        (filter.startNs === undefined || timeNs >= filter.startNs) &&
        (filter.endNs === undefined || timeNs < filter.endNs)
      );
    case 'flags':
    case 'address':
    case 'sample':
    case 'where':
      throw new Error(`not in this test: ${filter.type}`);
  }
}

const anyTime = fc.option(fc.bigInt(900_000n, 2_500_000n), { nil: undefined });
const anyFilter: fc.Arbitrary<PlanFilter> = fc.oneof(
  fc.record({
    type: fc.constant('op' as const),
    ops: fc.subarray([3, 4, 10, 12, 40, 41, 200], { minLength: 1 }),
  }),
  fc.record({
    type: fc.constant('kind' as const),
    kinds: fc.subarray([1, 2, 3, 7, 200, 9], { minLength: 1 }),
  }),
  fc.record({ type: fc.constant('state' as const), states: fc.constant([1, 2, 3]) }),
  fc.record({
    type: fc.constant('port' as const),
    end: fc.constantFrom('either' as const, 'local' as const, 'remote' as const),
    ports: fc.subarray([80, 443, 7770, 41000, 1104, 5], { minLength: 1, maxLength: 2 }),
  }),
  fc.record({
    type: fc.constant('connection' as const),
    originId: fc.constantFrom(undefined, 'boot-a', 'boot-b'),
    netnsCookie: fc.constant(undefined),
    cookie: fc.nat(7).map((low) => (7n << 32n) | BigInt(low)),
  }),
  fc.record({ type: fc.constant('time' as const), startNs: anyTime, endNs: anyTime }),
);
const anyPlan: fc.Arbitrary<Plan> = fc.array(anyFilter, { minLength: 1, maxLength: 3 });

test('leaving out blocks leaves out nothing that any plan keeps, and no marker', async (t) => {
  const path = join(useTempDir(t), 'out.sfrec');
  writeBlocks(path);
  const all = (await replayAll(path)).lanes[0]!;
  let skipped = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyPlan, { minLength: 1, maxLength: 3 }),
      fc.constantFrom(1, 2, 5),
      async (plans, lanes) => {
        const take = await replayAll(path, { plans, lanes });
        const given = take.lanes.flatMap((lane) => lane.events);
        for (const plan of plans) {
          const keep = (text: string): boolean => plan.every((filter) => passes(text, filter));
          assert.deepEqual(given.filter(keep).toSorted(), all.events.filter(keep).toSorted());
        }
        for (const lane of take.lanes) assert.deepEqual(lane.endTimesUs, all.endTimesUs);
        const markers = new Set(take.lanes.flatMap((lane) => lane.markers));
        assert.deepEqual([...markers].toSorted(), all.markers.toSorted());
        const sum = (counter: 'recorded' | 'read' | 'skipped'): number =>
          take.lanes.reduce((total, lane) => total + lane.counters[counter], 0);
        assert.equal(sum('recorded'), sum('read') + sum('skipped'));
        assert.equal(sum('recorded'), all.counters.recorded);
        skipped += sum('skipped');
      },
    ),
    { numRuns: 300 },
  );
  assert.ok(skipped > 0, 'nothing was ever left out');
});

test('a subscription without a plan pushes nothing down', async (t) => {
  const path = join(useTempDir(t), 'out.sfrec');
  writeBlocks(path);
  const take = await replayAll(path, { plans: [[], [{ type: 'op', ops: [99] }]] });
  assert.equal(take.lanes[0]?.counters.skipped, 0);
});

test('leaves out nothing by a filter of which it does not say so: late subscriptions rely on it', async (t) => {
  const path = join(useTempDir(t), 'out.sfrec');
  const writer = RecordingWriter.create(path);
  // Blocks of one event, of every kind.
  for (let seed = 0; seed < 40; seed++) {
    const slots = randomSlots({ count: 1, seed });
    writer.appendSlots(slots.memory, 0, slots.endWord, ORIGIN_A);
    writer.flush();
  }
  writer.close();
  const filters: readonly PlanFilter[] = [
    { type: 'flags', field: 'tcp', any: 2, all: 0, none: 0 },
    { type: 'state', states: [1] },
    { type: 'sample', threshold: 0, ratio: 0 },
    { type: 'where', test: () => false },
  ];
  for (const filter of filters) {
    assert.equal(replay(path).describePushDown(filter), undefined);
    const take = await replayAll(path, { plans: [[filter]] });
    assert.equal(take.lanes[0]?.counters.skipped, 0, filter.type);
  }
});

test('operators on a replay give the same events with push-down on and off', async (t) => {
  const path = join(useTempDir(t), 'out.sfrec');
  writeBlocks(path);
  const read = async (pushDown: boolean): Promise<{ texts: string[]; bytes: number }> => {
    const texts: string[] = [];
    let bytes = 0;
    const batches = fromReplay(path, {
      pushDown,
      counters: { add: (counter, amount) => (bytes += counter === 'bytesRead' ? amount : 0) },
    }).pipe(filterOp(3, 4), filterPort(443));
    await new Promise<void>((resolve, reject) => {
      batches.subscribe({
        next: (batch) => pushTexts(batch, texts),
        error: reject,
        complete: resolve,
      });
    });
    return { texts, bytes };
  };
  const on = await read(true);
  const off = await read(false);
  assert.deepEqual(on.texts, off.texts);
  assert.ok(on.texts.length > 0 && on.bytes < off.bytes);
});

function pushTexts({ raw, origin }: Batch, texts: string[]): void {
  for (const word of raw.words.subarray(0, raw.size)) {
    texts.push(`${origin.id}:${slotHex(raw.memory, word)}`);
  }
}

test('many blocks outside a time are passed over in few turns, each of them bounded', async (t) => {
  const path = join(useTempDir(t), 'out.sfrec');
  const writer = RecordingWriter.create(path);
  const count = 10_000;
  for (let block = 0; block < count; block++) {
    const slots = randomSlots({ count: 1, seed: 1, startUs: 1000 + block });
    writer.appendSlots(slots.memory, 0, slots.endWord, ORIGIN_A);
    writer.flush();
  }
  writer.close();
  const { blocks } = openRecording(path).parts[0]!;
  const startNs = blocks.firstTimeNs(9_000);
  const plans = [[{ type: 'time', startNs, endNs: startNs + 1n }] as const];
  const source = replay(path);
  const opened = await source.open({ lanes: 1, plans });
  const sums = { recorded: 0, skipped: 0, bytesRead: 0 };
  const lane = await source.openLane({
    lane: 0,
    lanes: 1,
    laneData: opened.laneData(0),
    plans,
    counters: {
      add: (counter, amount) => {
        if (counter in sums) sums[counter as keyof typeof sums] += amount;
      },
    },
  });
  let idle = 0;
  let slots = 0;
  for (let span = lane.next(); span !== SOURCE_END; span = lane.next()) {
    if (span === SOURCE_IDLE) idle++;
    else if (span.endWord > span.startWord) slots++;
  }
  assert.equal(slots, 1);
  assert.ok(idle >= 1 && idle < 10, `${idle} turns`);
  assert.deepEqual(sums, {
    recorded: count,
    skipped: count - 1,
    bytesRead: blocks.payloadBytes(9_000),
  });
  await lane.close();
  await opened.close();
});

test('says of each filter whether blocks are left out by it', () => {
  const source = replay('any.sfrec');
  assert.match(source.describePushDown({ type: 'op', ops: [12] }) ?? '', /not read/);
  assert.match(
    source.describePushDown({ type: 'port', end: 'either', ports: [1] }) ?? '',
    /not read/,
  );
  assert.equal(source.describePushDown({ type: 'state', states: [1] }), undefined);
});

test('a time behind a hole: the hole is told, and all events are accounted for', async (t) => {
  const path = join(useTempDir(t), 'out.sfrec');
  writeBlocks(path);
  const { blocks } = openRecording(path).parts[0]!;
  // The header of a block that holds no marker; without an index the frames are looked for.
  const lost = 13;
  const bytes = readFileSync(path).subarray(0, -128);
  bytes.fill(0, blocks.frameOffset(lost), blocks.payloadOffset(lost));
  writeFileSync(path, bytes);
  const all = (await replayAll(path, { tolerateDamage: true })).lanes[0]!;
  assert.equal(all.counters.bad, blocks.events(lost));
  for (const row of [20, 23]) {
    const plans = [[{ type: 'time', startNs: blocks.firstTimeNs(row), endNs: undefined }] as const];
    for (const lanes of [1, 2, 5]) {
      const take = await replayAll(path, { plans, lanes, tolerateDamage: true });
      const sum = (counter: 'recorded' | 'read' | 'skipped' | 'bad'): number =>
        take.lanes.reduce((total, lane) => total + lane.counters[counter], 0);
      assert.equal(sum('bad'), all.counters.bad);
      assert.equal(sum('recorded'), all.counters.recorded);
      assert.equal(sum('recorded'), sum('read') + sum('skipped') + sum('bad'));
      assert.ok(sum('skipped') > 0);
      for (const lane of take.lanes) assert.deepEqual(lane.endTimesUs, all.endTimesUs);
      const markers = new Set(take.lanes.flatMap((lane) => lane.markers.map(withoutLane)));
      assert.deepEqual([...markers].toSorted(), all.markers.map(withoutLane).toSorted());
    }
  }
});

/** A loss marker names the lane that tells of the loss. */
const withoutLane = (text: string): string => text.slice(0, text.indexOf(':') + 1 + 2 * 44);

test('passing over many blocks gives the event loop its turn', async (t) => {
  const path = join(useTempDir(t), 'out.sfrec');
  const slots = randomSlots({ count: 1, seed: 1 });
  const writer = RecordingWriter.create(path);
  for (let block = 0; block < 3000; block++) {
    writer.appendSlots(slots.memory, 0, slots.endWord, ORIGIN_A);
    writer.flush();
  }
  writer.close();
  const source = replay(path);
  const opened = await source.open({ lanes: 1, plans: [] });
  const lane = await source.openLane({
    lane: 0,
    lanes: 1,
    laneData: opened.laneData(0),
    plans: [[{ type: 'op', ops: [99] }]],
    counters: { add: () => {} },
  });
  assert.equal(lane.next(), SOURCE_IDLE);
  let turns = 0;
  const timer = setImmediate(() => turns++);
  await lane.wait(1000);
  assert.equal(turns, 1);
  clearImmediate(timer);
  let spans = 0;
  for (let span = lane.next(); span !== SOURCE_END; span = lane.next()) {
    if (span !== SOURCE_IDLE) spans++;
  }
  assert.equal(spans, 1, 'the end time, and no block');
  await lane.close();
  await opened.close();
});
