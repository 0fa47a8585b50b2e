import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { isSockflowError, remedyOf } from '../errors.ts';
import type { AcknowledgeProbe } from './acknowledged-source.test.helper.ts';
import type { DrainParams } from './drain.test.pipeline.ts';
import type { Probe } from './probe-sink.test.helper.ts';
import { runSummaryOf } from './run-failure.ts';
import type { RunOptions } from './run-options.ts';
import type { RunSummary } from './run-summary.ts';
import { run, type RunHandle } from './run.ts';
import type { StuckSourceStep, StuckStep } from './stuck.test.helper.ts';

const PIPELINE = new URL('./drain.test.pipeline.js', import.meta.url);
/* A run that does not end would wait for ever. */
const LIMIT = { timeout: 60_000 };
const DRAIN_MS = 150;

function start(params: DrainParams, options: RunOptions = {}): [RunHandle, Probe[]] {
  const own = { drainTimeoutMs: DRAIN_MS, ...options, params: { ...params } };
  const handle = run(PIPELINE, own);
  const probes: Probe[] = [];
  handle.results.subscribe((value) => probes.push(value as Probe));
  return [handle, probes];
}

async function untilGiven(handle: RunHandle): Promise<void> {
  while ((handle.ledger().total.outputs[0]?.sinks[0]?.given ?? 0) === 0) await sleep(2);
}

/** Every lane's sink holds something that it has not acknowledged. */
async function untilStuck(handle: RunHandle, lanes: number): Promise<void> {
  for (;;) {
    const sinks = handle.ledger().lanes.map(({ outputs }) => outputs[0]?.sinks[0]);
    const stuck = sinks.filter((sink) => sink !== undefined && sink.given > sink.acknowledged);
    if (stuck.length === lanes) return;
    await sleep(2);
  }
}

/** How it ended, which must be by the deadline. */
async function drainError(handle: RunHandle): Promise<[Error, RunSummary | undefined]> {
  try {
    await handle.done;
  } catch (error) {
    assert.ok(isSockflowError(error), String(error));
    assert.equal(error.code, 'ERR_SOCKFLOW_DRAIN_TIMEOUT');
    assert.match(remedyOf(error) ?? '', /--drain-timeout/);
    return [error, runSummaryOf(error)];
  }
  throw new Error('the run ended well');
}

/* Each waits for a deadline and a last second more. */
describe('a deadline', { concurrency: 5 }, () => {
  for (const lanes of [1, 2]) {
    for (const at of [
      'write',
      'flush',
      'close',
      'collect',
      'busy',
    ] as const satisfies StuckStep[]) {
      if (at === 'collect' && lanes === 1) continue;
      const title = `a sink that never settles in ${at} holds the run up to its deadline, ${lanes} lanes`;
      test(title, LIMIT, async () => {
        const [handle] = start({ sink: { at } }, { lanes });
        await untilStuck(handle, lanes);
        handle.stop();
        const [error, summary] = await drainError(handle);
        assert.equal(summary?.outcome, 'failed');
        assert.equal(summary?.sinks.length, lanes);
        const sinks = summary?.ledger.lanes.flatMap(({ outputs }) => outputs[0]?.sinks ?? []) ?? [];
        assert.equal(sinks.length, lanes);
        for (const { given, acknowledged, failed } of sinks) {
          assert.equal(given, acknowledged + failed);
        }
        const [total] = summary?.ledger.total.outputs[0]?.sinks ?? [];
        assert.ok((total?.acknowledged ?? 0) > 0);
        assert.match(
          error.message,
          /^0\.15 s after it was asked to end the run was given up: lane \d/,
        );
        const { failed, given } = sinks.find((sink) => sink.failed > 0) ?? { failed: 0, given: 0 };
        assert.ok(
          error.message.includes(`sink stuck in ${at} had not acknowledged ${failed} of the`),
        );
        assert.ok(error.message.includes(`of the ${given} events or values`));
      });
    }
  }

  for (const at of [
    'open',
    'start',
    'stop',
    'close',
    'openLane',
    'closeLane',
  ] as const satisfies StuckSourceStep[]) {
    test(
      `a source that never settles in ${at} holds the run up to its deadline`,
      LIMIT,
      async () => {
        const [handle] = start({ source: at, sink: { at: 'nowhere' } });
        if (at === 'stop' || at.startsWith('close')) await untilGiven(handle);
        handle.stop();
        const [error, summary] = await drainError(handle);
        assert.match(error.message, /is acknowledged, but the run did not come to its end/);
        assert.equal(summary === undefined, at === 'open');
        const sink = summary?.ledger.total.outputs[0]?.sinks[0];
        assert.equal(sink?.given, sink?.acknowledged);
      },
    );
  }

  for (const at of ['prepare', 'open'] as const) {
    test(`a sink that never settles in ${at} holds the run up to its deadline`, LIMIT, async () => {
      const [handle] = start({ sink: { at } });
      handle.stop();
      await drainError(handle);
    });
  }

  test('the other sinks are closed, as of a run that has failed', LIMIT, async () => {
    const [handle, probes] = start({ sink: { at: 'flush' }, hasProbe: true });
    await untilGiven(handle);
    handle.stop();
    const [, summary] = await drainError(handle);
    const closed = probes.flatMap((probe) => (probe.did === 'close' ? [probe.isComplete] : []));
    assert.deepEqual(closed, [false]);
    assert.equal(summary?.sinks[1]?.location, 'nowhere.0');
    assert.equal(summary?.sinks[1]?.failed, 0);
  });

  test('a slow sink that lives has all the time that it was given, and drains', LIMIT, async () => {
    const [handle] = start(
      { sink: { at: 'nowhere', inputMs: 300 } },
      { drainTimeoutMs: 30_000, lanes: 2 },
    );
    await untilGiven(handle);
    handle.stop();
    const summary = await handle.done;
    assert.equal(summary.outcome, 'stopped');
    const sink = summary.ledger.total.outputs[0]?.sinks[0];
    assert.equal(sink?.acknowledged, summary.ledger.total.read);
  });

  test('the end of the duration is a request to end, too', LIMIT, async () => {
    const [handle] = start({ sink: { at: 'write', accepts: 0 } }, { durationMs: 50 });
    await drainError(handle);
  });

  test(
    'a run that nobody asks to end waits for its sinks, however long they take',
    LIMIT,
    async () => {
      const [handle] = start(
        { sink: { at: 'nowhere', inputMs: 100 }, rounds: 4 },
        { drainTimeoutMs: 1 },
      );
      assert.equal((await handle.done).outcome, 'completed');
    },
  );

  test(
    'a run that has failed and cannot end is asked to end: the deadline holds, and the failure is told',
    LIMIT,
    async () => {
      const [handle] = start({ sink: { at: 'close' }, probeFails: true });
      await untilGiven(handle);
      handle.stop();
      await assert.rejects(handle.done, (error) => {
        assert.ok(isSockflowError(error));
        assert.equal(error.code, 'ERR_SOCKFLOW_LANE_FAILED');
        assert.match(error.message, /sink probe failed: the peer hung up/);
        const [stuck] = runSummaryOf(error)?.ledger.total.outputs[0]?.sinks ?? [];
        assert.equal(stuck?.given, (stuck?.acknowledged ?? 0) + (stuck?.failed ?? 0));
        return true;
      });
    },
  );

  test('what was given up is not acknowledged to the source', LIMIT, async () => {
    const [handle, results] = start({ hasPendingWork: true });
    const probes = results as unknown as AcknowledgeProbe[];
    while (!probes.some(({ did }) => did === 'end of source')) await sleep(2);
    handle.stop();
    await drainError(handle);
    const spans = probes.flatMap((probe) => (probe.did === 'acknowledge' ? [probe.spans] : []));
    assert.ok(
      spans.every((count) => count <= 2),
      String(spans),
    );
    assert.equal(probes.at(-1)?.did, 'close source');
  });

  test('stop now ends a run at once that has begun to drain', LIMIT, async () => {
    const [handle] = start({ sink: { at: 'write' } }, { drainTimeoutMs: 3_600_000 });
    await untilGiven(handle);
    handle.stop();
    handle.stop({ now: true });
    assert.equal((await handle.done).outcome, 'aborted');
  });
});

test('refuses a deadline that is none', () => {
  assert.throws(() => run(PIPELINE, { drainTimeoutMs: 0 }), /drainTimeoutMs should be above 0/);
});
