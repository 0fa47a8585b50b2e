import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Origin, SinkWriter } from '@sockflow/core';

import { LaneEnd } from './lane-end.ts';
import { give, KeepingSink, type MadeEvent } from './lane-kit.test.support.ts';
import { endLanes, openLanes, turn } from './open-lanes.test.support.ts';

/* Small: 16 slots hold a lane back. */
const BUFFER_BYTES = 4096;
const BATCH = 8;
const LANES = 8;

/** A batch of events of one lane, `step` ns apart from `startNs` on. */
function batchFrom(lane: number, startNs: number, step = 1000): MadeEvent[] {
  return Array.from({ length: BATCH }, (_, index) => ({
    tsNs: BigInt(startNs + index * step),
    cookie: BigInt(lane + 1),
    number: index,
  }));
}

function isSorted(got: readonly string[]): boolean {
  const times = got.map((text) => BigInt(text.split(' ')[0] ?? ''));
  return times.every((time, index) => index === 0 || time >= (times[index - 1] ?? 0n));
}

/** Gives batches until the lane is held back, or has been given so many. @returns what holds it, in a list: a promise of a promise would wait for it */
async function giveUntilHeld(
  writer: SinkWriter,
  lane: number,
  most: number,
): Promise<readonly Promise<void>[]> {
  for (let batch = 0; batch < most; batch++) {
    const startNs = batch * BATCH * 1000;
    const events = batchFrom(lane, startNs);
    const held = give(writer, { events, endTimeUs: startNs / 1000 + BATCH });
    if (held !== undefined) return [held];
    await turn();
  }
  return [];
}

test('lanes that are far ahead are held back until the last one has come as far; none waits for ever', async () => {
  const inner = new KeepingSink();
  const { writers, collected } = await openLanes(inner, LANES, { bufferBytes: BUFFER_BYTES });
  const [last, ...ahead] = writers as [SinkWriter, ...SinkWriter[]];
  const held = (
    await Promise.all(ahead.map((writer, index) => giveUntilHeld(writer, index + 1, 100)))
  ).flat();
  assert.equal(held.length, LANES - 1, 'each of them is held back');
  const state = { released: 0 };
  const count = async (promise: Promise<void>): Promise<void> => {
    await promise;
    state.released++;
  };
  for (const promise of held) void count(promise);
  for (let round = 0; round < 20; round++) await turn();
  assert.equal(state.released, 0);
  assert.deepEqual(inner.got, []);
  // The one that everybody waits for is not held back, however much it gives.
  assert.deepEqual(await giveUntilHeld(last, 0, 2), []);
  const more = give(last, { events: batchFrom(0, 1e6), endTimeUs: 10_000_000 });
  await Promise.all([...held, more]);
  await endLanes(writers);
  await collected;
  assert.ok(isSorted(inner.got));
  assert.equal(
    inner.got.length,
    writers.reduce((sum, { acknowledged }) => sum + acknowledged, 0),
  );
});

test('a lane whose own events are out of order by more than its buffer gets more, and the order is kept', async () => {
  const inner = new KeepingSink();
  const { writers, collected } = await openLanes(inner, 2, { bufferBytes: BUFFER_BYTES });
  const [one, other] = writers as [SinkWriter, SinkWriter];
  // As a recording in groups: eight groups of 8 events that cover the same time; until the last of them its time stands still.
  await Promise.all(
    [one, other].map(async (writer, lane) => {
      for (let group = 0; group < 8; group++) {
        const events = batchFrom(lane, 1000 + group, 10_000).map((event) => ({
          ...event,
          cookie: BigInt(group * 2 + lane + 1),
        }));
        await give(writer, { events, endTimeUs: group === 7 ? 1000 : 0 });
      }
    }),
  );
  await endLanes(writers);
  const report = await collected;
  assert.equal(inner.got.length, 128);
  assert.ok(isSorted(inner.got));
  assert.equal(report.warnings, undefined);
});

test('a lane whose time stands still for good costs order, not the run: what comes too late is written and counted', async () => {
  const inner = new KeepingSink();
  const { writers, collected } = await openLanes(inner, 2, { bufferBytes: BUFFER_BYTES });
  const [stuck, other] = writers as [SinkWriter, SinkWriter];
  const giveAll = async (writer: SinkWriter, lane: number): Promise<void> => {
    for (let batch = 0; batch < 100; batch++) {
      const startNs = lane === 0 ? 1_000_000 - batch * 10_000 : batch * 10_000;
      const endTimeUs = lane === 0 ? 0 : batch * 10;
      await give(writer, { events: batchFrom(lane, startNs), endTimeUs });
    }
    await endLanes([writer]);
  };
  await Promise.all([giveAll(stuck, 0), giveAll(other, 1)]);
  const { warnings = [] } = await collected;
  assert.equal(inner.got.length, 1600);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? '', /^keeping: \d+ events stand behind a later one/);
});

test('others go on without a lane that waits for its source and does not say how late it is', async () => {
  const inner = new KeepingSink();
  const { writers, collected } = await openLanes(inner, 2, { idleMs: 20 });
  const [silent, other] = writers as [SinkWriter, SinkWriter];
  silent.idle?.();
  await give(other, { events: batchFrom(1, 1000), endTimeUs: 1000 });
  while (inner.got.length < BATCH) await turn();
  // It counts again once it says something.
  await give(silent, { events: batchFrom(0, 2_000_000), endTimeUs: 3000 });
  await give(other, { events: batchFrom(1, 2_500_000), endTimeUs: 9000 });
  await endLanes(writers);
  const report = await collected;
  assert.equal(inner.got.length, 3 * BATCH);
  assert.ok(isSorted(inner.got));
  assert.equal(report.warnings, undefined);
});

test('an idle lane that says how late it is holds nobody back, and nothing is written before its time', async () => {
  const inner = new KeepingSink();
  const { writers, collected } = await openLanes(inner, 2, { idleMs: 1e9 });
  const [silent, other] = writers as [SinkWriter, SinkWriter];
  const origin: Origin = { id: 'made' };
  await give(other, { events: batchFrom(1, 1000), endTimeUs: 1000 });
  for (const timeUs of [2, 4]) {
    silent.advanceTime?.(origin, timeUs);
    silent.idle?.();
    // Older than the time by a nanosecond at least: of the same microsecond something may still come.
    while (inner.got.length < timeUs - 1) await turn();
    for (let round = 0; round < 5; round++) await turn();
    assert.equal(inner.got.length, timeUs - 1);
  }
  await endLanes(writers);
  await collected;
  assert.equal(inner.got.length, BATCH);
});

test('memory is bounded: a slow sink holds the lanes back, and their blocks are used again', async () => {
  const inner = new KeepingSink(turn);
  const bufferBytes = 64 * 1024;
  const { writers, collected } = await openLanes(inner, 4, { bufferBytes });
  await Promise.all(
    writers.map(async (writer, lane) => {
      for (let batch = 0; batch < 500; batch++) {
        const startNs = batch * BATCH * 1000;
        await give(writer, { events: batchFrom(lane, startNs), endTimeUs: startNs / 1000 });
      }
      await endLanes([writer]);
    }),
  );
  await collected;
  assert.equal(inner.got.length, 4 * 500 * BATCH);
  assert.ok(isSorted(inner.got));
  for (const writer of writers) {
    assert.ok(writer instanceof LaneEnd);
    // A megabyte was given to each; a batch and a block may go beyond the limit, and the lane that all wait for may have twice as much.
    assert.ok(writer.allocatedBytes <= 3 * bufferBytes, `${writer.allocatedBytes} bytes`);
  }
});

test('where the inner sink fails, every lane is told, and what was acknowledged stays so', async () => {
  const inner = new KeepingSink(() =>
    inner.got.length > 40 ? Promise.reject(new Error('gone')) : undefined,
  );
  const { writers, collected } = await openLanes(inner, 3, { bufferBytes: BUFFER_BYTES });
  const ends = await Promise.allSettled(
    writers.map(async (writer, lane) => {
      for (let batch = 0; batch < 200; batch++) {
        const startNs = batch * BATCH * 1000;
        await give(writer, { events: batchFrom(lane, startNs), endTimeUs: startNs / 1000 });
        await turn();
      }
    }),
  );
  for (const end of ends) {
    assert.equal(end.status, 'rejected');
    assert.equal(end.reason.code, 'ERR_SOCKFLOW_SINK_COLLECTOR');
    assert.match(end.reason.message, /gone/);
  }
  for (const writer of writers) {
    await assert.rejects(async () => writer.flush(), /gone/);
    await writer.close({ isComplete: false });
  }
  await assert.rejects(collected, /^Error: gone$/);
  assert.deepEqual(inner.closed, { isComplete: false });
  const sum = (field: 'acknowledged' | 'failed'): number =>
    writers.reduce((total, writer) => total + writer[field], 0);
  assert.equal(sum('acknowledged'), inner.acknowledged);
  assert.ok(sum('failed') > 0);
});

test('a lane that is gone without a word is not waited for, and the output is not complete', async () => {
  const inner = new KeepingSink();
  const { writers, collected } = await openLanes(inner, 2);
  const [one, other] = writers as [SinkWriter, SinkWriter];
  await give(one, { events: batchFrom(0, 1000), endTimeUs: 5 });
  await give(other, { events: batchFrom(1, 1000), endTimeUs: 900 });
  await one.close({ isComplete: false });
  await endLanes([other]);
  assert.deepEqual(await collected, { location: 'kept' });
  assert.equal(inner.got.length, 2 * BATCH);
  assert.deepEqual(inner.closed, { isComplete: false });
});
