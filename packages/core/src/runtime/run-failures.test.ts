import assert from 'node:assert/strict';
import { linkSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { useTempDir } from '@sockflow/test-support';

import { isSockflowError } from '../errors.ts';
import type { CaseParams } from './every-case.test.pipeline.ts';
import { PREPARED, type Probe } from './probe-sink.test.helper.ts';
import { runSummaryOf } from './run-failure.ts';
import type { RunOptions } from './run-options.ts';
import type { RunSummary } from './run-summary.ts';
import { run } from './run.ts';

const PIPELINE = new URL('./every-case.test.pipeline.js', import.meta.url);
/** Long enough that the lanes are busy when one of them fails. */
const SOURCE = { connections: 32, rounds: 200 } as const;

interface Failure {
  readonly error: Error & { code: string; details: Record<string, unknown>; remedy?: string };
  readonly probes: readonly Probe[];
  readonly summary: RunSummary | undefined;
}

async function failureOf(params: CaseParams, options: RunOptions = {}): Promise<Failure> {
  const handle = run(PIPELINE, { lanes: 2, ...options, params: { ...params } });
  const probes: Probe[] = [];
  handle.results.subscribe((value) => probes.push(value as Probe));
  try {
    await handle.done;
  } catch (error) {
    assert.ok(isSockflowError(error), String(error));
    return { error: error as Failure['error'], probes, summary: runSummaryOf(error) };
  }
  throw new assert.AssertionError({ message: 'the run did not fail' });
}

function sinkSteps(probes: readonly Probe[], lane: number): string[] {
  const steps = probes.filter((probe) => probe.lane === lane).map(({ did }) => did);
  return steps.filter((did) => did !== 'write' && did !== 'value');
}

/** What the lanes' sinks were told when they were closed. */
function outcomesOf(probes: readonly Probe[]): boolean[] {
  return probes.flatMap((probe) => (probe.did === 'close' ? [probe.isComplete] : []));
}

test('an operator of ours whose function throws ends the run with its lane, output, name and cause', async () => {
  const { error, summary } = await failureOf({ events: 'where-throws', source: SOURCE });
  assert.equal(error.code, 'ERR_SOCKFLOW_LANE_FAILED');
  assert.match(
    error.message,
    /lane [01], output events, operator where failed: .*five is too many/,
  );
  assert.equal(error.details['operator'], 'where');
  assert.match(String(error.details['at']), /^\/.*every-case\.test\.pipeline\.[jt]s:\d+:\d+$/);
  assert.equal(error.details['output'], 'events');
  assert.ok(isSockflowError(error.cause));
  assert.equal(error.cause.code, 'ERR_SOCKFLOW_OPERATOR');
  assert.ok(error.cause.cause instanceof RangeError);
  assert.match(error.cause.cause.stack ?? '', /every-case\.test\.pipeline/);
  assert.equal(summary?.outcome, 'failed');
});

test('a lane that cannot start keeps the others from taking anything', async () => {
  const { error, probes, summary } = await failureOf({
    events: 'all',
    source: { ...SOURCE, failsToOpenInLane: 1 },
  });
  assert.match(error.message, /^lane 1, its source failed: no such ring/);
  assert.equal(summary?.ledger.total.read, 0);
  assert.deepEqual(sinkSteps(probes, 0), ['open', 'flush', 'close']);
  assert.deepEqual(outcomesOf(probes), [false, false]);
  assert.equal(
    probes.some(({ did }) => did === 'write'),
    false,
  );
});

test('a plain RxJS operator that throws ends the run with its lane and output; all sinks are flushed and closed', async () => {
  const { error, probes } = await failureOf({ events: 'map-throws', source: SOURCE });
  assert.equal(error.code, 'ERR_SOCKFLOW_LANE_FAILED');
  assert.match(error.message, /^lane 1, output events failed: a plain operator threw/);
  assert.ok(error.cause instanceof RangeError);
  assert.match(String(error.details['at']), /every-case\.test\.pipeline\.[jt]s:\d+:\d+$/);
  for (const lane of [0, 1]) assert.deepEqual(sinkSteps(probes, lane), ['open', 'flush', 'close']);
});

const OUTSIDE = [
  ['a promise that nobody awaits', 'rejects-outside', /nobody awaits this/],
  ['a timer', 'throws-outside', /thrown in a timer/],
] as const;
for (const [what, events, message] of OUTSIDE) {
  test(`what ${what} throws ends the run with the lane; its sinks are flushed and closed`, async () => {
    const { error, probes } = await failureOf({ events, source: { ...SOURCE, isEndless: true } });
    assert.equal(error.code, 'ERR_SOCKFLOW_LANE_FAILED');
    assert.match(error.message, /^lane 1, outside of its pipeline failed: /);
    assert.match(error.message, message);
    for (const lane of [0, 1]) {
      assert.deepEqual(sinkSteps(probes, lane), ['open', 'flush', 'close']);
    }
    assert.deepEqual(outcomesOf(probes), [false, false], 'no lane’s output is complete');
  });
}

test("what a subscriber of the user's own throws, which RxJS hands to nobody, ends the run", async () => {
  const { error } = await failureOf({
    events: 'tap-throws-late',
    source: { ...SOURCE, isEndless: true },
  });
  assert.match(
    error.message,
    /lane [01], outside of its pipeline failed: in a subscriber of my own/,
  );
});

test('a lane whose thread exits ends the run with its number, after the other lane was flushed', async () => {
  const { error, probes, summary } = await failureOf({ events: 'exits', source: SOURCE });
  assert.equal(error.code, 'ERR_SOCKFLOW_LANE_DIED');
  assert.match(error.message, /^lane 1 died: .*3/);
  assert.deepEqual(sinkSteps(probes, 0), ['open', 'flush', 'close']);
  assert.equal(summary?.outcome, 'failed');
});

test('a lane that runs out of memory ends the run with its number', async () => {
  const { error } = await failureOf(
    { events: 'eats-memory', source: SOURCE },
    { lanes: 1, resourceLimits: { maxOldGenerationSizeMb: 24, maxYoungGenerationSizeMb: 4 } },
  );
  assert.equal(error.code, 'ERR_SOCKFLOW_LANE_DIED');
  assert.match(error.message, /^lane 0 died: .*memory/);
});

test('a sink that rejects ends the run with its lane, output and name', async () => {
  const { error, probes } = await failureOf({
    events: 'all',
    source: SOURCE,
    sink: { name: 'tape', rejectsAt: 2 },
  });
  assert.match(error.message, /^lane [01], output events, sink tape failed: the peer hung up/);
  assert.equal(error.details['sink'], 'tape');
  for (const lane of [0, 1]) assert.deepEqual(sinkSteps(probes, lane), ['open', 'flush', 'close']);
});

test('a sink that cannot flush keeps every sink of its lane from being complete', async () => {
  const { error, probes } = await failureOf(
    { events: 'two-sinks', source: SOURCE, sink: { name: 'book', failsToFlush: true } },
    { lanes: 1 },
  );
  assert.match(error.message, /output first, sink book failed: the last page is missing/);
  assert.deepEqual(sinkSteps(probes, 0), ['open', 'open', 'flush', 'flush', 'close', 'close']);
  assert.deepEqual(outcomesOf(probes), [false, false]);
});

test('a sink that cannot be opened ends the run before any event', async () => {
  const { error, summary } = await failureOf({
    events: 'two-sinks',
    source: SOURCE,
    sink: { name: 'full', failsToOpen: true },
  });
  assert.match(error.message, /output first, sink full failed: no room on the disk/);
  assert.equal(summary?.ledger.total.read, 0);
});

test('a source that fails ends the run with its lane', async () => {
  const { error, probes } = await failureOf({
    events: 'all',
    source: { ...SOURCE, failsAtSpan: 2 },
  });
  assert.match(error.message, /^lane [01], its source failed: the disk is gone/);
  for (const lane of [0, 1]) assert.deepEqual(sinkSteps(probes, lane), ['open', 'flush', 'close']);
});

test('a source that reports damage when it is closed fails the run, with all that was delivered', async () => {
  const handle = run(PIPELINE, {
    params: { events: 'all', source: { closeError: new Error('two blocks were damaged') } },
  });
  const error: unknown = await handle.done.catch((caught: unknown) => caught);
  assert.match(String(error), /two blocks were damaged/);
  assert.equal(runSummaryOf(error)?.ledger.total.read, 80);
});

test('a source that says it holds more than it gives breaks the ledger: L1', async () => {
  const { error } = await failureOf({ events: 'all', source: { ...SOURCE, lie: 1 } });
  assert.equal(error.code, 'ERR_SOCKFLOW_LEDGER_BROKEN');
  assert.match(error.message, /over all lanes: L1, recorded 6401 ≠ read 6400/);
});

for (const lie of [-1, 1]) {
  test(`a sink that acknowledges ${lie > 0 ? 'more' : 'less'} than it was given breaks the ledger: L4`, async () => {
    const { error } = await failureOf({
      events: 'all',
      source: SOURCE,
      sink: { name: 'liar', lie },
    });
    assert.equal(error.code, 'ERR_SOCKFLOW_LEDGER_BROKEN');
    assert.match(error.message, /L4, output events, sink liar: given \d+/);
  });
}

test('a sink that loses events without an error fails the run, though the ledger adds up', async () => {
  const { error, summary, probes } = await failureOf({
    events: 'all',
    source: SOURCE,
    sink: { name: 'sieve', loses: 3 },
  });
  assert.equal(error.code, 'ERR_SOCKFLOW_SINK_LOST');
  assert.match(error.message, /^lane 0, output events, sink sieve lost 3 of the \d+ events/);
  assert.equal(error.details['failed'], 3);
  assert.equal(summary?.outcome, 'failed');
  assert.deepEqual(outcomesOf(probes), [true, true], 'nobody knew of it before');
});

test('a pipeline whose events function throws is refused before anything is opened', async () => {
  const { error, summary } = await failureOf({ events: 'events-throws', source: SOURCE });
  assert.equal(error.code, 'ERR_SOCKFLOW_PIPELINE_MODULE');
  assert.match(
    error.message,
    /when its outputs were subscribed, at .*every-case.*no stream for you/,
  );
  assert.equal(summary, undefined);
});

test('a filter for an op that the source was not asked to report is refused at start', async () => {
  const { error, probes } = await failureOf({
    events: 'not-reported',
    source: { ...SOURCE, reportedOps: [10, 12] },
  });
  assert.equal(error.code, 'ERR_SOCKFLOW_OP_NOT_REPORTED');
  assert.deepEqual(probes, []);
});

test('a sink that takes batches is refused values, with the output and a remedy', async () => {
  const { error } = await failureOf({
    events: 'wrong-sink',
    source: SOURCE,
    sink: { name: 'tape', accepts: 'batches' },
  });
  assert.match(error.message, /the sink tape accepts batches, but output events delivers values/);
  assert.ok(isSockflowError(error.cause));
  assert.equal(error.cause.code, 'ERR_SOCKFLOW_SINK_INPUT');
});

test('a sink that takes values is refused batches before anything is opened', async () => {
  const { error, probes } = await failureOf({
    events: 'all',
    source: SOURCE,
    sink: { name: 'table', accepts: 'values' },
  });
  assert.equal(error.code, 'ERR_SOCKFLOW_SINK_INPUT');
  assert.match(error.remedy ?? '', /toObjects/);
  assert.deepEqual(probes, []);
});

test('two sinks that write to the same place are refused before anything is opened', async () => {
  const { error, probes } = await failureOf({
    events: 'two-sinks',
    source: SOURCE,
    sink: { name: 'tape', target: '/same' },
  });
  assert.equal(error.code, 'ERR_SOCKFLOW_INVALID_OPTION');
  assert.match(error.message, /outputs first and second write to the same place: other/);
  assert.deepEqual(probes, []);
});

test('a sink that writes over what the source reads is refused before anything is opened', async (t) => {
  const dir = useTempDir(t);
  const input = join(dir, 'in.sfrec');
  writeFileSync(input, 'events');
  linkSync(input, join(dir, 'hard.sfrec'));
  symlinkSync(dir, join(dir, 'folder'));
  PREPARED.length = 0;
  const openError = new Error('it was opened');
  const names = ['in.sfrec', 'hard.sfrec', 'folder/in.sfrec', 'folder/other.sfrec'];
  for (const name of names) {
    const { error } = await failureOf({
      events: 'all',
      source: { inputs: [input, join(dir, 'other.sfrec')], openError },
      sink: { name: `tape(${name})`, target: join(dir, name) },
    });
    assert.equal(error.code, 'ERR_SOCKFLOW_INVALID_OPTION', name);
    assert.equal(error.message, `the sink tape(${name}) writes over what memory-source reads`);
    assert.match(error.remedy ?? '', /another name/);
  }
  assert.deepEqual(PREPARED, []);
});

test('a sink that writes beside what the source reads is not refused', async (t) => {
  const dir = useTempDir(t);
  const params: CaseParams = {
    events: 'all',
    source: { inputs: [join(dir, 'in.sfrec')] },
    sink: { target: join(dir, 'out.sfrec') },
  };
  const { outcome } = await run(PIPELINE, { params: { ...params } }).done;
  assert.equal(outcome, 'completed');
});

test('a subscription made after the start that needs what the source may leave out ends the run', async () => {
  const { error } = await failureOf({ events: 'late', source: { ...SOURCE, pushesOps: true } });
  assert.ok(isSockflowError(error.cause));
  assert.equal(error.cause.code, 'ERR_SOCKFLOW_LATE_SUBSCRIPTION');
});

test('sinks are prepared once, on the main thread, and only when the source could be opened', async () => {
  PREPARED.length = 0;
  const openError = new Error('no such recording');
  const failed = run(PIPELINE, { params: { events: 'all', source: { openError } } });
  await assert.rejects(failed.done, /no such recording/);
  assert.deepEqual(PREPARED, []);
  await run(PIPELINE, { lanes: 2, params: { events: 'named' } }).done;
  assert.deepEqual(PREPARED, ['rtt-sink for 2', 'late-sink for 2']);
});

test('a pipeline that is not there is refused with one error', async () => {
  await assert.rejects(run('/no/such/pipeline.mjs').done, {
    code: 'ERR_SOCKFLOW_PIPELINE_MISSING',
  });
});

for (const lanes of [0, 65, 1.5]) {
  test(`refuses ${lanes} lanes`, () => {
    assert.throws(() => run(PIPELINE, { lanes }), { code: 'ERR_SOCKFLOW_INVALID_OPTION' });
  });
}

for (const options of [
  { views: 'checkd' },
  { progressIntervalMs: 0 },
  { progressIntervalMs: 2 ** 31 },
]) {
  test(`refuses ${JSON.stringify(options)}`, () => {
    assert.throws(() => run(PIPELINE, options as RunOptions), {
      code: 'ERR_SOCKFLOW_INVALID_OPTION',
    });
  });
}

test('refuses params that cannot cross to a thread', () => {
  assert.throws(() => run(PIPELINE, { params: { test: () => true } }), {
    code: 'ERR_SOCKFLOW_INVALID_OPTION',
  });
});
