import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  Kind,
  readMarker,
  SlotView,
  type SlotSpan,
  SOURCE_END,
  SOURCE_IDLE,
  walkSlots,
} from '@sockflow/core';

import { SourceControl } from '../source-control.ts';
import { BootClock } from './boot-clock.ts';
import { BpfLane } from './bpf-lane.ts';
import { eventAt, FakeClocks, FakePoll, FakeRing } from './fake-kernel.test.support.ts';
import { LaneSleep } from './lane-sleep.ts';
import { MappedRing } from './mapped-ring.ts';
import { WINDOW_US } from './time-mark.ts';

const ORIGIN = { id: 'boot' };
const WOKEN_MS = 4000;
const LOST_MS = 8000;

function openLane() {
  const kernel = new FakeRing();
  const clocks = new FakeClocks();
  const poll = new FakePoll();
  const control = SourceControl.allocate(2);
  const ring = new MappedRing(kernel.memory, ORIGIN);
  const word = new Int32Array(new SharedArrayBuffer(64), 0, 1);
  const counts: Record<string, number> = {};
  const laneSleep = new LaneSleep({
    poll,
    word,
    isReady: () => ring.isReady() || control.isEnded,
  });
  const lane = new BpfLane({
    lane: 1,
    origin: ORIGIN,
    ring,
    sleep: laneSleep,
    clock: new BootClock(clocks.read, clocks.nowMs),
    control,
    counters: { add: (name, amount) => (counts[name] = (counts[name] ?? 0) + amount) },
    startClocks: clocks.read(),
  });
  return { kernel, clocks, poll, control, word, counts, lane };
}

function spanOf(given: ReturnType<BpfLane['next']>): SlotSpan {
  assert.ok(typeof given === 'object', 'a span');
  return given;
}

function timesUs(span: SlotSpan): number[] {
  const times: number[] = [];
  walkSlots(span, (word) => {
    times.push(new SlotView(span.memory.u32, span.memory.big, word, ORIGIN).tsUs);
  });
  return times;
}

function kindsOf(span: SlotSpan): number[] {
  const kinds: number[] = [];
  walkSlots(span, (word) => kinds.push(span.memory.u32[word + 2]! & 255));
  return kinds;
}

test('a lane begins with a clock anchor from before the attachment, and gives another each minute', () => {
  const { lane, clocks, control } = openLane();
  clocks.bootUs += 500_000;
  const first = spanOf(lane.next());
  assert.deepEqual([kindsOf(first), timesUs(first)], [[Kind.CLOCK_ANCHOR], [1_000_000]]);
  assert.equal(control.anchorsOf(1), 1);
  clocks.bootUs += 59e6;
  assert.deepEqual(kindsOf(spanOf(lane.next())), []);
  clocks.bootUs += 1e6;
  const second = spanOf(lane.next());
  assert.deepEqual([kindsOf(second), timesUs(second)], [[Kind.CLOCK_ANCHOR], [clocks.bootUs]]);
  assert.equal(control.anchorsOf(1), 2);
});

test('what is reserved after the clock was read is never older than the end time given', () => {
  const { lane, kernel, clocks } = openLane();
  lane.next();
  // Reserved first, stamped last: another CPU was faster.
  clocks.bootUs = 2_000_000;
  const slow = kernel.reserve();
  kernel.submit(2_000_001_000n);
  assert.equal(lane.next(), SOURCE_IDLE);
  clocks.bootUs = 2_000_500;
  slow(eventAt(2_000_400_000n));
  const span = spanOf(lane.next());
  assert.deepEqual(timesUs(span), [2_000_400, 2_000_001]);
  assert.ok(span.endTimeUs <= 2_000_001, `${span.endTimeUs}`);
});

test('on an idle ring the time follows the clock, in steps', () => {
  const { lane, clocks } = openLane();
  lane.next();
  clocks.bootUs += 19_000;
  assert.equal(lane.next(), SOURCE_IDLE);
  clocks.bootUs += 2000;
  const span = spanOf(lane.next());
  assert.deepEqual(kindsOf(span), []);
  assert.equal(span.endTimeUs, clocks.bootUs - WINDOW_US);
  assert.equal(lane.next(), SOURCE_IDLE);
});

test('a slot that is being written holds the time and what is behind it back', () => {
  const { lane, kernel, clocks } = openLane();
  lane.next();
  clocks.bootUs = 3_000_000;
  const submit = kernel.reserve();
  kernel.submit(3_000_000_000n);
  assert.equal(lane.next(), SOURCE_IDLE);
  clocks.bootUs = 9_000_000;
  assert.equal(lane.next(), SOURCE_IDLE);
  submit(eventAt(3_000_100_000n));
  const span = spanOf(lane.next());
  assert.equal(timesUs(span).length, 2);
  assert.ok(span.endTimeUs <= 3_000_000);
});

test('it counts what it gives', () => {
  const { lane, kernel, counts } = openLane();
  lane.next();
  for (let event = 0; event < 3; event++) kernel.submit(2_000_000_000n);
  lane.next();
  assert.deepEqual(counts, { bytesRead: 768, recorded: 3 });
});

test('ended, it gives what was submitted, then one marker for the losses that none tells, then its end', () => {
  const { lane, kernel, control } = openLane();
  kernel.submit(2_000_000_000n);
  const gap = { startNs: 1_900_000_000n, ringFull: 5, shedFirst: 2 ** 33, shedLast: 1 };
  control.end(4_000_000_000n, [undefined, gap]);
  assert.deepEqual(kindsOf(spanOf(lane.next())), [Kind.CLOCK_ANCHOR]);
  assert.deepEqual(kindsOf(spanOf(lane.next())), [Kind.OP]);
  const last = spanOf(lane.next());
  assert.equal(last.endTimeUs, 4_000_000);
  const marker = readMarker(last.memory, last.startWord, 0);
  assert.deepEqual(
    { ...marker },
    {
      kind: 'LOSS_MARKER',
      beforeIndex: 0,
      tsNs: 4_000_000_000n,
      gapStartNs: 1_900_000_000n,
      lostRingFull: 5,
      lostShedFirst: 2 ** 33,
      lostShedLast: 1,
      lostDamaged: 0,
      lane: 1,
    },
  );
  assert.deepEqual([lane.next(), lane.next()], [SOURCE_END, SOURCE_END]);
});

test('a lane without losses ends with the end time alone, the same in each lane', () => {
  const { lane, control } = openLane();
  control.end(4_000_000_000n, []);
  lane.next();
  const last = spanOf(lane.next());
  assert.deepEqual([kindsOf(last), last.endTimeUs], [[], 4_000_000]);
  assert.equal(lane.next(), SOURCE_END);
});

test('asleep it says so, and is woken by the descriptor', async () => {
  const { lane, kernel, poll, word } = openLane();
  lane.next();
  const startMs = performance.now();
  const waiting = lane.wait(LOST_MS);
  assert.deepEqual([Atomics.load(word, 0), poll.isWaiting], [1, true]);
  kernel.submit(2_000_000_000n);
  poll.becomeReadable();
  await waiting;
  assert.ok(performance.now() - startMs < WOKEN_MS);
  assert.equal(Atomics.load(word, 0), 0);
});

test('it does not sleep where something was submitted before its last look', async () => {
  const { lane, kernel, poll } = openLane();
  lane.next();
  kernel.submit(2_000_000_000n);
  await lane.wait(LOST_MS);
  assert.equal(poll.isWaiting, false);
});

test('woken for a slot that is still being written it waits by a timer, so that it does not spin', async () => {
  const { lane, kernel, poll } = openLane();
  lane.next();
  kernel.reserve();
  for (let turn = 0; turn < 3; turn++) {
    const waiting = lane.wait(LOST_MS);
    assert.equal(poll.isWaiting, true);
    poll.becomeReadable();
    await waiting;
    lane.next();
    const retry = lane.wait(LOST_MS);
    assert.equal(poll.isWaiting, false);
    await retry;
    lane.next();
  }
});

test('the time-out ends a wait, and so does the end of the source at the next look', async () => {
  const { lane, control } = openLane();
  lane.next();
  await lane.wait(1);
  control.end(2_000_000_000n, []);
  await lane.wait(LOST_MS);
});

test('closing ends a wait, at any time and without an error', async () => {
  const { lane, poll, word } = openLane();
  lane.next();
  const waiting = lane.wait(LOST_MS);
  await lane.close();
  await waiting;
  await lane.close();
  await lane.wait(LOST_MS);
  assert.deepEqual([poll.isClosed, Atomics.load(word, 0), lane.next()], [true, 0, SOURCE_END]);
});
