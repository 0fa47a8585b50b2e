import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import type { CaseParams } from './every-case.test.pipeline.ts';
import type { Probe } from './probe-sink.test.helper.ts';
import type { RunOptions } from './run-options.ts';
import { run, type RunHandle } from './run.ts';

const PIPELINE = new URL('./every-case.test.pipeline.js', import.meta.url);
const ENDLESS = { connections: 32, rounds: 20, isEndless: true } as const;

function start(params: CaseParams, options: RunOptions = {}): [RunHandle, Probe[]] {
  const handle = run(PIPELINE, { ...options, params: { ...params } });
  const probes: Probe[] = [];
  handle.results.subscribe((value) => probes.push(value as Probe));
  return [handle, probes];
}

async function untilReading(handle: RunHandle, lanes: number): Promise<void> {
  for (;;) {
    const { lanes: counts } = handle.ledger();
    if (counts.length === lanes && counts.every(({ read }) => read > 0)) return;
    await sleep(2);
  }
}

test('stop drains: what was taken is delivered and acknowledged, sinks are flushed and closed', async () => {
  const [handle, probes] = start(
    { events: 'all', source: ENDLESS, sink: { delayMs: 5 } },
    { lanes: 2 },
  );
  await untilReading(handle, 2);
  handle.stop();
  const summary = await handle.done;
  assert.equal(summary.outcome, 'stopped');
  for (const lane of [0, 1]) {
    const steps = probes.filter((probe) => probe.lane === lane).map(({ did }) => did);
    assert.deepEqual(steps.slice(-2), ['flush', 'close']);
    assert.ok(probes.some((probe) => probe.did === 'close' && probe.isComplete));
    const counts = summary.ledger.lanes[lane];
    const [sink] = counts?.outputs[0]?.sinks ?? [];
    assert.ok((counts?.read ?? 0) > 0);
    assert.equal(sink?.acknowledged, counts?.read);
  }
});

test('stop now ends at once, even where a sink never answers', async () => {
  const [handle, probes] = start(
    { events: 'all', source: ENDLESS, sink: { delayMs: 3_600_000 } },
    { lanes: 2 },
  );
  await untilReading(handle, 2);
  handle.stop();
  const first = await Promise.race([handle.done, sleep(100, 'still draining')]);
  assert.equal(first, 'still draining');
  handle.stop({ now: true });
  const summary = await handle.done;
  assert.equal(summary.outcome, 'aborted');
  assert.ok(!probes.some(({ did }) => did === 'close'));
});

test('a stop before the lanes have started is not lost', async () => {
  for (const now of [false, true]) {
    const [handle] = start({ events: 'all', source: ENDLESS });
    handle.stop({ now });
    const summary = await handle.done;
    assert.equal(summary.outcome, now ? 'aborted' : 'stopped');
    assert.equal(summary.ledger.total.read, 0);
  }
});

test('a stop wakes a lane whose source is idle', async () => {
  const [handle] = start({ events: 'all', source: { ...ENDLESS, idles: true } });
  await untilReading(handle, 1);
  const startMs = performance.now();
  handle.stop();
  await handle.done;
  assert.ok(performance.now() - startMs < 2_000);
});

test('a run ends by itself when every output has all it wanted', async () => {
  const [handle] = start({ events: 'takes-three', source: ENDLESS });
  const summary = await handle.done;
  assert.equal(summary.outcome, 'completed');
  assert.equal(summary.ledger.total.read, 3 * 16);
});

test('results complete when the run has ended, and before done settles', async () => {
  const order: string[] = [];
  const handle = run(PIPELINE, { params: { events: 'emits', source: { rounds: 4 } } });
  handle.results.subscribe({ next: () => order.push('value'), complete: () => order.push('end') });
  const summary = await handle.done;
  order.push('done');
  assert.deepEqual(order, ['value', 'value', 'end', 'done']);
  assert.equal(summary.emitted, 2);
});

test('progress tells bytes and events, and the last one is the end', async () => {
  const seen: number[] = [];
  const handle = run(PIPELINE, {
    params: { events: 'all', source: { rounds: 100 }, sink: { delayMs: 4 } },
    progressIntervalMs: 20,
    onProgress: ({ bytesRead, totalBytes, events }) => {
      assert.equal(totalBytes, 800 * 256);
      assert.equal(bytesRead, events * 256);
      seen.push(events);
    },
  });
  await handle.done;
  assert.ok(seen.length > 2, `${seen.length} calls`);
  assert.equal(seen.at(-1), 800);
  assert.deepEqual(
    seen,
    seen.toSorted((a, b) => a - b),
  );
});
