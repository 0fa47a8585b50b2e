import assert from 'node:assert/strict';
import { test } from 'node:test';

import { laneKey, laneOf } from '../schema/lane-key.ts';
import type { CaseParams } from './every-case.test.pipeline.ts';
import type { Probe } from './probe-sink.test.helper.ts';
import type { RunOptions } from './run-options.ts';
import type { RunSummary } from './run-summary.ts';
import { run } from './run.ts';

const PIPELINE = new URL('./every-case.test.pipeline.js', import.meta.url);

async function runCase(
  params: CaseParams,
  options: RunOptions = {},
): Promise<{ summary: RunSummary; probes: Probe[] }> {
  const handle = run(PIPELINE, { ...options, params: { ...params } });
  const probes: Probe[] = [];
  handle.results.subscribe((value) => probes.push(value as Probe));
  return { summary: await handle.done, probes };
}

function written(probes: readonly Probe[]): { lane: number; cookie: number; round: number }[] {
  return probes.flatMap((probe) =>
    probe.did === 'write'
      ? probe.events.map(([cookie, round]) => ({ lane: probe.lane, cookie, round }))
      : [],
  );
}

for (const lanes of [1, 2, 4]) {
  for (const isShared of [false, true]) {
    const title = `${lanes} lanes ${isShared ? 'that share slots' : 'with slots of their own'}`;
    test(`every event is delivered once, each connection in one lane and in order: ${title}`, async () => {
      const { summary, probes } = await runCase(
        { events: 'all', source: { connections: 20, rounds: 30, isShared } },
        { lanes },
      );
      const events = written(probes);
      assert.equal(summary.outcome, 'completed');
      assert.equal(events.length, 600);
      for (let cookie = 1; cookie <= 20; cookie++) {
        const own = events.filter((event) => event.cookie === cookie);
        assert.deepEqual(
          own.map(({ round }) => round),
          Array.from({ length: 30 }, (_, round) => round),
        );
        const lane = laneOf(laneKey(cookie, 0), lanes);
        assert.ok(own.every((event) => event.lane === lane));
      }
      const { total } = summary.ledger;
      assert.equal(total.recorded, 600);
      assert.equal(total.read, 600);
      assert.equal(total.otherLanes, isShared ? 600 * (lanes - 1) : 0);
      assert.equal(total.outputs[0]?.sinks[0]?.acknowledged, 600);
      assert.equal(summary.sinks.length, lanes);
    });
  }
}

test('each named output has its own plan, its own sinks and its own counts', async () => {
  const { summary, probes } = await runCase(
    { events: 'named', source: { connections: 6, rounds: 12 } },
    { lanes: 2 },
  );
  const [rtt, late] = summary.ledger.total.outputs;
  assert.deepEqual([rtt?.output, rtt?.in, rtt?.filtered, rtt?.out], ['rtt', 72, 48, 24]);
  assert.deepEqual([late?.output, late?.in, late?.filtered, late?.out], ['late', 72, 36, 36]);
  assert.equal(probes.filter(({ did }) => did === 'value').length, 36);
  assert.equal(written(probes).length, 24);
});

test('a subscription made after the start is accepted where the source leaves out nothing that it needs', async () => {
  for (const params of [
    { events: 'late-covered', source: { pushesOps: true } },
    { events: 'late', source: {} },
  ] as const) {
    const { summary } = await runCase(params);
    assert.equal(summary.outcome, 'completed');
  }
});

test('a view is emitted as its object, a batch as those of its events', async () => {
  const { probes } = await runCase({
    events: 'emits-views',
    source: { connections: 2, rounds: 1 },
  });
  const [batch, view] = probes as unknown as [{ cookie: bigint }[], { cookie: bigint }];
  assert.deepEqual(
    batch.map(({ cookie }) => cookie),
    [1n, 2n],
  );
  assert.deepEqual(view, batch[0]);
});

test('a plan that can match nothing is a warning in the summary', async () => {
  const { summary } = await runCase({ events: 'impossible' });
  assert.equal(summary.warnings.length, 1);
  assert.match(summary.warnings[0] ?? '', /output events: .*TCP flags/);
});

test('connections that were given back early, since there were too many, are a warning in the summary', async () => {
  const { summary, probes } = await runCase({
    events: 'evicts',
    source: { connections: 8, rounds: 1 },
  });
  assert.equal(probes.filter(({ did }) => did === 'value').length, 8);
  assert.match(summary.warnings.join(), /output events: scanConnections gave back 2 connections/);
});

test('asynchronous work holds its lane back, is awaited at the end, and loses nothing', async () => {
  const handle = run(PIPELINE, {
    params: { events: 'async', source: { connections: 8, rounds: 20 } },
  });
  const values: unknown[] = [];
  handle.results.subscribe((probe) => {
    if ((probe as Probe).did === 'value') values.push(probe);
    // 160 events of some hundred bytes do not fit the queue: the lane must not have read them all at the first result.
    if (values.length === 1) assert.ok(handle.ledger().total.read < 160);
  });
  const summary = await handle.done;
  assert.equal(values.length, 160);
  assert.equal(summary.ledger.total.outputs[0]?.sinks[0]?.acknowledged, 160);
});

test('a source is never asked to wait twice at once, also where an output completes meanwhile', async () => {
  const { summary } = await runCase({
    events: 'ends-early',
    source: { connections: 4, rounds: 8, idles: true, waitMs: 60 },
  });
  assert.equal(summary.outcome, 'completed');
  assert.equal(summary.ledger.total.read, 32);
});
