import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Probe } from './probe-sink.test.helper.ts';
import type { FeedParams } from './ring-source.test.pipeline.ts';
import type { RunHandle } from './run.ts';
import { run } from './run.ts';

const PIPELINE = new URL('./ring-source.test.pipeline.js', import.meta.url);

function runFeed(params: FeedParams, lanes: number): { handle: RunHandle; probes: Probe[] } {
  const handle = run(PIPELINE, { lanes, params: { ...params } });
  const probes: Probe[] = [];
  handle.results.subscribe((value) => probes.push(value as Probe));
  return { handle, probes };
}

function roundsOf(probes: readonly Probe[], wanted: number): number[] {
  return probes.flatMap((probe) =>
    probe.did === 'write'
      ? probe.events.filter(([cookie]) => cookie === wanted).map(([, round]) => round)
      : [],
  );
}

for (const lanes of [1, 3]) {
  test(`every event of a producer in another thread is delivered once and in order through rings far smaller than the stream, ${lanes} lanes`, async () => {
    const { handle, probes } = runFeed({ rounds: 200 }, lanes);
    const { outcome, ledger } = await handle.done;
    assert.equal(outcome, 'completed');
    const all = Array.from({ length: 200 }, (_, round) => round);
    for (let cookie = 1; cookie <= 10; cookie++) assert.deepEqual(roundsOf(probes, cookie), all);
    assert.equal(ledger.total.recorded, 2000);
    assert.equal(ledger.total.read, 2000);
    assert.equal(ledger.total.bad, 0);
  });
}

test('a producer that dies fails the run, after what it had published was delivered', async () => {
  const { handle, probes } = runFeed({ rounds: 200, diesAtRound: 50 }, 1);
  await assert.rejects(handle.done, (error: Error) => {
    return JSON.stringify([error.message, String(error.cause)]).includes('the feed broke');
  });
  assert.deepEqual(
    roundsOf(probes, 3),
    Array.from({ length: 50 }, (_, round) => round),
  );
});

test('a run whose producer never ends can be stopped', async () => {
  const { handle } = runFeed({ rounds: Number.MAX_SAFE_INTEGER }, 2);
  await new Promise<void>((resolve) => {
    handle.results.subscribe((value) => {
      if ((value as Probe).did === 'write') resolve();
    });
  });
  handle.stop();
  const { outcome, ledger } = await handle.done;
  assert.equal(outcome, 'stopped');
  assert.ok(ledger.total.read > 0);
  // The thread was ended in the middle: what it had published until then was read, to the unit.
  assert.deepEqual([ledger.total.recorded, ledger.total.bad], [ledger.total.read, 0]);
});
