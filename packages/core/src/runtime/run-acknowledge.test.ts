import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { AcknowledgeParams } from './acknowledge.test.pipeline.ts';
import type { AcknowledgeProbe } from './acknowledged-source.test.helper.ts';
import { run, type RunHandle } from './run.ts';

const PIPELINE = new URL('./acknowledge.test.pipeline.js', import.meta.url);
/** 4 connections, 20 rounds, 4 slots a span. */
const SPANS = 20;
const SOURCE = { connections: 4, rounds: SPANS, slotsPerSpan: 4 } as const;

function start(params: AcknowledgeParams): [RunHandle, AcknowledgeProbe[]] {
  const handle = run(PIPELINE, { params: { ...params } });
  const probes: AcknowledgeProbe[] = [];
  handle.results.subscribe((value) => probes.push(value as AcknowledgeProbe));
  return [handle, probes];
}

function acknowledgedIn(probes: readonly AcknowledgeProbe[]): number[] {
  return probes.flatMap((probe) => (probe.did === 'acknowledge' ? [probe.spans] : []));
}

function assertKept(probes: readonly AcknowledgeProbe[]): void {
  const spans = acknowledgedIn(probes);
  assert.deepEqual(
    spans,
    [...new Set(spans)].toSorted((a, b) => a - b),
  );
  for (const probe of probes) if (probe.did === 'acknowledge') assert.equal(probe.missing, 0);
}

for (const events of ['plain', 'async', 'chain'] as const) {
  test(`a source is told of spans once all of them is durable: ${events}`, async () => {
    const [handle, probes] = start({ events, source: SOURCE, sinks: [{ durableAfterMs: 3 }] });
    await handle.done;
    assertKept(probes);
    assert.equal(acknowledgedIn(probes).at(-1), SPANS);
  });
}

test('the last word comes when the sinks are closed, before the source is', async () => {
  const [handle, probes] = start({ events: 'plain', source: SOURCE, sinks: [{}, {}] });
  await handle.done;
  assertKept(probes);
  assert.deepEqual(acknowledgedIn(probes).at(-1), SPANS);
  const steps = probes.map(({ did }) => did);
  assert.equal(steps.at(-1), 'close source');
  assert.ok(steps.lastIndexOf('close sink') < steps.lastIndexOf('close source'));
});

test('a source that is idle is told, too', async () => {
  const [handle, probes] = start({
    events: 'plain',
    source: { ...SOURCE, staysOpen: true },
    sinks: [{ durableAfterMs: 120 }],
  });
  await new Promise<void>((resolve) => {
    handle.results.subscribe((value) => {
      const probe = value as AcknowledgeProbe;
      if (probe.did === 'acknowledge' && probe.spans === SPANS) resolve();
    });
  });
  assert.ok(probes.some(({ did }) => did === 'end of source'));
  assert.ok(!probes.some(({ did }) => did.startsWith('close')));
  handle.stop();
  await handle.done;
  assertKept(probes);
});

test('asynchronous work that never pauses lets the source commit meanwhile', async () => {
  const [handle, probes] = start({
    events: 'async',
    source: { ...SOURCE, rounds: 200 },
    sinks: [{ durableAfterMs: 1 }],
  });
  await handle.done;
  assertKept(probes);
  const whileBusy = probes.filter((probe) => probe.did === 'acknowledge' && probe.behind > 0);
  assert.ok(whileBusy.length > 3, `told ${whileBusy.length} times while there was more`);
});

test('nothing is told past a sink that has failed, and what was acknowledged before counts', async () => {
  const [handle, probes] = start({
    events: 'plain',
    source: { ...SOURCE, idles: true },
    sinks: [{ durableAfterMs: 0, rejectsAt: 8 }, { durableAfterMs: 0 }],
  });
  await assert.rejects(handle.done, { code: 'ERR_SOCKFLOW_LANE_FAILED' });
  const spans = acknowledgedIn(probes);
  assert.ok((spans.at(-1) ?? 0) <= 8);
  assert.equal(probes.at(-1)?.did, 'close source');
});

test('of a lane that failed, spans from before the failure are told once the sinks have closed', async () => {
  const [handle, probes] = start({ events: 'throws', source: SOURCE, sinks: [{}] });
  await assert.rejects(handle.done, { code: 'ERR_SOCKFLOW_LANE_FAILED' });
  assertKept(probes);
  assert.deepEqual(acknowledgedIn(probes), [3]);
});

test('a source that cannot take note fails the run', async () => {
  const [handle] = start({
    events: 'plain',
    source: { ...SOURCE, acknowledgeError: 'no such group' },
    sinks: [{ durableAfterMs: 0 }],
  });
  await assert.rejects(handle.done, /its source failed: no such group/);
});
