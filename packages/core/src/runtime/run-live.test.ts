import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { SOURCE_COUNTERS, type SourceCounter } from '../contracts/ledger.ts';
import { isSockflowError } from '../errors.ts';
import type { LedgerSnapshot } from './ledger.ts';
import { LIVE_LOG, LIVE_TIMES } from './live-source.test.helper.ts';
import type { LiveParams } from './live-source.test.pipeline.ts';
import type { Probe } from './probe-sink.test.helper.ts';
import { runSummaryOf } from './run-failure.ts';
import type { RunOptions } from './run-options.ts';
import { run, type RunHandle } from './run.ts';

const PIPELINE = new URL('./live-source.test.pipeline.js', import.meta.url);

beforeEach(() => {
  LIVE_LOG.length = 0;
});

function start(params: LiveParams, options: RunOptions = {}): [RunHandle, Probe[]] {
  const handle = run(PIPELINE, { ...options, params: { ...params } });
  const probes: Probe[] = [];
  handle.results.subscribe((value) => probes.push(value as Probe));
  return [handle, probes];
}

function sumOf({ source }: LedgerSnapshot, counter: SourceCounter, lane?: number): number {
  const counts = source?.counts.filter((own) => lane === undefined || own.lane === lane) ?? [];
  return counts.reduce((sum, own) => sum + own[counter], 0);
}

/** Until each lane has read something and events were lost: then every counter has moved. */
async function untilBusy(handle: RunHandle, lanes: number): Promise<void> {
  for (;;) {
    const ledger = handle.ledger();
    const haveRead = ledger.lanes.length === lanes && ledger.lanes.every(({ read }) => read > 0);
    if (haveRead && SOURCE_COUNTERS.every((counter) => sumOf(ledger, counter) > 0)) return;
    await sleep(2);
  }
}

async function failureOf(handle: RunHandle): Promise<Error & { code?: string }> {
  try {
    await handle.done;
  } catch (error) {
    return error as Error;
  }
  throw new Error('the run did not fail');
}

function eventsIn(probes: readonly Probe[]): number {
  return probes.reduce((sum, probe) => sum + (probe.did === 'write' ? probe.events.length : 0), 0);
}

test('stopping a live source delivers what it had submitted, to the unit, and every lane ends well', async () => {
  const [handle, probes] = start({ sink: { delayMs: 2 } }, { lanes: 2 });
  await untilBusy(handle, 2);
  handle.stop();
  const { outcome, ledger, leftInRings } = await handle.done;
  assert.equal(outcome, 'stopped');
  assert.equal(leftInRings, 0);
  assert.equal(ledger.source?.isSettled, true);
  for (const lane of [0, 1]) {
    const counts = ledger.lanes[lane];
    assert.ok(counts !== undefined && counts.read > 0);
    assert.equal(sumOf(ledger, 'submitted', lane), counts.read + counts.markers);
    assert.equal(counts.outputs[0]?.sinks[0]?.acknowledged, counts.read);
  }
  assert.equal(eventsIn(probes), ledger.total.read);
  assert.equal(probes.filter((probe) => probe.did === 'close' && probe.isComplete).length, 2);
  assert.deepEqual(LIVE_LOG, ['open', 'stop', 'close']);
});

test('a live source that ends by itself completes the run, and is stopped and closed once', async () => {
  const [handle] = start({ source: { endsAfter: 2000 } }, { lanes: 2 });
  const { outcome, ledger } = await handle.done;
  assert.equal(outcome, 'completed');
  assert.equal(sumOf(ledger, 'seen'), 2000);
  assert.equal(sumOf(ledger, 'submitted'), ledger.total.read + ledger.total.markers);
  assert.deepEqual(LIVE_LOG, ['open', 'stop', 'close']);
});

test('a stop before the lanes have started stops the source, and the lanes read what there is', async () => {
  const [handle] = start({});
  handle.stop();
  const { outcome, ledger } = await handle.done;
  assert.equal(outcome, 'stopped');
  assert.equal(ledger.source?.isSettled, true);
  assert.equal(sumOf(ledger, 'submitted'), ledger.total.read + ledger.total.markers);
  assert.deepEqual(LIVE_LOG, ['open', 'stop', 'close']);
});

test('a source that waits for its start has it when every lane is open, and durationMs counts from there', async () => {
  const [handle] = start(
    { source: { waitsForStart: true } },
    { lanes: 2, durationMs: 40, progressIntervalMs: 5 },
  );
  while (handle.ledger().lanes.length === 0) {
    assert.deepEqual(LIVE_LOG.slice(1), []);
    await sleep(1);
  }
  const { outcome, ledger } = await handle.done;
  assert.equal(outcome, 'stopped');
  const lastedMs = (LIVE_TIMES.get('stop') ?? 0) - (LIVE_TIMES.get('start') ?? 0);
  // A timer counts whole milliseconds.
  assert.ok(lastedMs >= 39, `${lastedMs} ms`);
  assert.ok(sumOf(ledger, 'seen') > 0);
  assert.deepEqual(LIVE_LOG, ['open', 'start', 'stop', 'close']);
});

test('a source that waits for its start is not started where the run is stopped or fails before', async () => {
  const [stopped] = start({ source: { waitsForStart: true } });
  stopped.stop();
  const { outcome, ledger } = await stopped.done;
  assert.deepEqual([outcome, sumOf(ledger, 'seen')], ['stopped', 0]);
  assert.deepEqual(LIVE_LOG, ['open', 'stop', 'close']);
  LIVE_LOG.length = 0;
  const [failing] = start({ source: { waitsForStart: true }, sink: { failsToOpen: true } });
  assert.match((await failureOf(failing)).message, /no room on the disk/);
  assert.deepEqual(LIVE_LOG, ['open', 'stop', 'close']);
});

test('a source that cannot be started fails the run with its own error', async () => {
  const [handle] = start({ source: { waitsForStart: true, startError: 'no such hook' } });
  assert.equal((await failureOf(handle)).message, 'no such hook');
  assert.deepEqual(LIVE_LOG, ['open', 'start', 'stop', 'close']);
});

test('durationMs ends a run as stop does', async () => {
  const startMs = performance.now();
  const [handle] = start({}, { durationMs: 300 });
  const { outcome, ledger } = await handle.done;
  assert.equal(outcome, 'stopped');
  assert.ok(performance.now() - startMs >= 300);
  assert.ok(ledger.total.read > 0);
});

test('a source that takes its time to stop goes on being read meanwhile', async () => {
  const [handle] = start({ source: { stopMs: 100 } });
  await untilBusy(handle, 1);
  const { read } = handle.ledger().total;
  handle.stop();
  const { outcome, ledger } = await handle.done;
  assert.equal(outcome, 'stopped');
  assert.ok(ledger.total.read > read + 64);
});

test('stop now ends at once where the source never stops or a sink never answers, and closes the source', async () => {
  for (const params of [{ source: { stopMs: 3_600_000 } }, { sink: { delayMs: 3_600_000 } }]) {
    LIVE_LOG.length = 0;
    const [handle] = start(params);
    while (handle.ledger().total.read === 0) await sleep(2);
    handle.stop();
    assert.equal(await Promise.race([handle.done, sleep(50, 'draining')]), 'draining');
    handle.stop({ now: true });
    const { outcome } = await handle.done;
    assert.equal(outcome, 'aborted');
    assert.deepEqual(LIVE_LOG, ['open', 'stop', 'close']);
  }
});

test('what nobody reads any more is named: an output that had enough leaves slots in the rings', async () => {
  const [handle] = start({ takes: 3 });
  const { outcome, ledger, leftInRings } = await handle.done;
  assert.equal(outcome, 'completed');
  assert.equal(leftInRings, sumOf(ledger, 'submitted') - ledger.total.read - ledger.total.markers);
  assert.deepEqual(LIVE_LOG, ['open', 'stop', 'close']);
});

test('a failure stops and closes the source; its ledger is reported as it is, with what was left unread', async () => {
  const [handle, probes] = start({ sink: { rejectsAt: 5 }, source: { forgets: 'seen' } });
  const error = await failureOf(handle);
  assert.equal(error.code, 'ERR_SOCKFLOW_LANE_FAILED');
  const summary = runSummaryOf(error);
  assert.ok(summary !== undefined && summary.outcome === 'failed');
  const { ledger, leftInRings } = summary;
  assert.equal(sumOf(ledger, 'seen'), 0);
  assert.ok(leftInRings > 0);
  assert.equal(leftInRings, sumOf(ledger, 'submitted') - ledger.total.read - ledger.total.markers);
  assert.ok(probes.some((probe) => probe.did === 'close' && !probe.isComplete));
  assert.deepEqual(LIVE_LOG, ['open', 'stop', 'close']);
});

for (const [title, source] of [
  ['cannot be stopped', { stopError: 'it holds on' }],
  ['cannot be closed', { closeError: 'it holds on' }],
  ['does not tell its counts any more', { ledgerFailsAfter: 500 }],
] as const) {
  test(`a source that ${title} fails the run with its own error, and is closed`, async () => {
    const [handle] = start({ source }, { progressIntervalMs: 20 });
    if (!('ledgerFailsAfter' in source)) await untilBusy(handle, 1);
    if (!('ledgerFailsAfter' in source)) handle.stop();
    const error = await failureOf(handle);
    assert.match(error.message, /^(?:it holds on|the counters are gone)$/);
    assert.equal(runSummaryOf(error)?.outcome, 'failed');
    assert.deepEqual(LIVE_LOG, ['open', 'stop', 'close']);
  });
}

for (const counter of SOURCE_COUNTERS) {
  test(`a source that does not count "${counter}" breaks K1`, async () => {
    const [handle] = start({ source: { forgets: counter, endsAfter: 3000 } }, { lanes: 2 });
    const error = await failureOf(handle);
    assert.ok(isSockflowError(error) && error.code === 'ERR_SOCKFLOW_LEDGER_BROKEN');
    assert.match(error.message, /K1, class (?:first|last): seen \d+ \+ made \d+ ≠ submitted \d+/);
  });
}

for (const [forgets, text] of [
  ['lost as submitted', /in lane \d: K2, submitted \d+ ≠ read \d+ \+ markers \d+ \+ bad 0/],
  ['madeByKind', /over all lanes: K1, made \d+ ≠ 0 by kind/],
  ['settling', /K1, the source is closed, but its counts not settled/],
] as const) {
  test(`books that are wrong in another way (${forgets}) end the run`, async () => {
    const [handle] = start({ source: { forgets, endsAfter: 3000 } }, { lanes: 2 });
    const error = await failureOf(handle);
    assert.equal(error.code, 'ERR_SOCKFLOW_LEDGER_BROKEN');
    assert.match(error.message, text);
  });
}

test('a counter of the source that goes back is noticed while the run goes on', async () => {
  const [handle] = start({ source: { decreases: 'shed' } }, { progressIntervalMs: 20 });
  const error = await failureOf(handle);
  assert.equal(error.code, 'ERR_SOCKFLOW_LEDGER_BROKEN');
  assert.match(error.message, /L0c, source, lane 0, class first: shed went from/);
});

test('what the source has to say of how it was opened is among the warnings', async () => {
  const [handle] = start({ source: { endsAfter: 10, warnings: ['two connections were missed'] } });
  const { warnings } = await handle.done;
  assert.ok(warnings.includes('two connections were missed'));
});

test('progress of a live run has no total, and tells what was shed and lost so far', async () => {
  let last = { shed: 0, lost: 0 };
  const [handle] = start(
    { source: { endsAfter: 5000 } },
    {
      progressIntervalMs: 10,
      onProgress: ({ totalBytes, live }) => {
        assert.equal(totalBytes, undefined);
        assert.ok(live !== undefined && live.shed >= last.shed && live.lost >= last.lost);
        last = live;
      },
    },
  );
  const { ledger, warnings } = await handle.done;
  assert.deepEqual(last, { shed: sumOf(ledger, 'shed'), lost: sumOf(ledger, 'lost') });
  const missed = last.shed + last.lost;
  const percent = ((missed / (missed + sumOf(ledger, 'submitted'))) * 100).toFixed(1);
  assert.deepEqual(warnings.slice(1), [
    `${percent} % of the events are missing (${last.lost} lost, ${last.shed} shed): take more lanes, bigger rings or fewer ops`,
  ]);
});

test('a run tells when its live source has started and every lane reads', async () => {
  const [handle] = start({ source: { waitsForStart: true } }, { lanes: 2 });
  const started = await handle.started;
  assert.deepEqual(LIVE_LOG, ['open', 'start']);
  assert.ok(started !== undefined && started.afterMs > 0);
  assert.deepEqual(
    { ...started, afterMs: 0 },
    { source: 'live-source', isLive: true, attachedTo: undefined, lanes: 2, afterMs: 0 },
  );
  handle.stop();
  await handle.done;
});

test('a run that ends before its start says so, and rejects once', async () => {
  const failing: readonly LiveParams[] = [
    { source: { waitsForStart: true, startError: 'no start' } },
    { sink: { failsToOpen: true } },
  ];
  for (const params of failing) {
    const [handle] = start(params, { lanes: 2 });
    assert.equal(await handle.started, undefined);
    await failureOf(handle);
  }
  const [handle] = start({ source: { waitsForStart: true } });
  handle.stop();
  assert.equal(await handle.started, undefined);
  assert.equal((await handle.done).outcome, 'stopped');
});

test('the warning of lost events advises what the caller says', async () => {
  const lossRemedy = 'turn it down';
  const [handle] = start({ source: { endsAfter: 5000 } }, { lossRemedy });
  const { warnings } = await handle.done;
  assert.match(warnings.join(), /events are missing \(\d+ lost, \d+ shed\): turn it down$/);
});
