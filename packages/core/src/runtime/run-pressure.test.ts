import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { RESULTS_BOUND_BYTES } from './results-channel.ts';
import { run } from './run.ts';

const PIPELINE = new URL('./every-case.test.pipeline.js', import.meta.url);
const SLOTS_PER_SPAN = 16;
const ENDLESS = { connections: 32, rounds: 20, isEndless: true } as const;

test('a slow sink holds its lane back: it is never asked to take a second span before it took the first', async () => {
  const delayMs = 20;
  const handle = run(PIPELINE, {
    params: { events: 'all', source: ENDLESS, sink: { delayMs, isMute: true } },
  });
  while (handle.ledger().total.read === 0) await sleep(2);
  const startMs = performance.now();
  for (let look = 0; look < 20; look++) {
    await sleep(20);
    const { read } = handle.ledger().total;
    const most = Math.ceil((performance.now() - startMs) / delayMs) + 2;
    assert.ok(read <= most * SLOTS_PER_SPAN, `${read} events read, at most ${most} spans expected`);
  }
  handle.stop();
  await handle.done;
});

for (const [events, what] of [
  ['async-shared', 'behind a share that another subscriber connected'],
  ['async-again', 'that was subscribed anew while the lane ran'],
] as const) {
  test(`asynchronous work ${what} holds its lane back`, async () => {
    const handle = run(PIPELINE, { params: { events, source: ENDLESS } });
    while (handle.ledger().total.read === 0) await sleep(2);
    await sleep(100);
    const { read } = handle.ledger().total;
    handle.stop({ now: true });
    await handle.done;
    assert.ok(read <= 2 * SLOTS_PER_SPAN, `${read} events read while nothing was done`);
  });
}

test('memory stays flat while a sink is slower than its source', async () => {
  const handle = run(PIPELINE, {
    params: { events: 'all', source: ENDLESS, sink: { delayMs: 1, isMute: true } },
  });
  const readSpans = (): number => handle.ledger().total.read / SLOTS_PER_SPAN;
  while (readSpans() < 20) await sleep(20);
  const before = process.memoryUsage().rss;
  const leastMs = performance.now() + 1000;
  while (readSpans() < 120 || performance.now() < leastMs) await sleep(20);
  const grownBytes = process.memoryUsage().rss - before;
  handle.stop();
  await handle.done;
  assert.ok(grownBytes < 64 * 1024 * 1024, `grew by ${grownBytes} bytes`);
});

test('a timer goes on in a saturated lane', async () => {
  const handle = run(PIPELINE, { params: { events: 'ticks', source: ENDLESS } });
  const atMs: number[] = [];
  handle.results.subscribe((value) => atMs.push((value as { atMs: number }).atMs));
  while (atMs.length < 40) await sleep(10);
  handle.stop();
  await handle.done;
  const gapsMs = atMs.slice(1).map((ms, index) => ms - (atMs[index] ?? 0));
  // The median, and generous: other processes may take the core. A lane that did not yield would have no tick at all.
  const [medianMs = Infinity] = gapsMs.toSorted((a, b) => a - b).slice(gapsMs.length / 2);
  assert.ok(medianMs < 100, `median gap of a 5 ms timer: ${medianMs} ms`);
});

test('emitted values that the main thread does not take hold the lane back, and none is lost', async () => {
  const valueBytes = 64 * 1024;
  const handle = run(PIPELINE, { params: { events: 'emits-much', source: ENDLESS } });
  const received = { values: 0 };
  handle.results.subscribe(() => {
    received.values++;
  });
  while (received.values === 0) await sleep(5);
  const takenBefore = received.values;
  // The main thread is busy: nothing is taken off the channel meanwhile.
  const untilMs = performance.now() + 300;
  while (performance.now() < untilMs);
  const emittedSpans = handle.ledger().total.read / SLOTS_PER_SPAN;
  const mostSpans = RESULTS_BOUND_BYTES / valueBytes + 2;
  assert.ok(
    emittedSpans - takenBefore <= mostSpans,
    `${emittedSpans - takenBefore} values under way, at most ${mostSpans} expected`,
  );
  while (received.values < 200) await sleep(5);
  handle.stop();
  const summary = await handle.done;
  assert.equal(received.values, summary.emitted);
});
