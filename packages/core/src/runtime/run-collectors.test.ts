import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isSockflowError } from '../errors.ts';
import type { CollectorParams } from './collector.test.pipeline.ts';
import { runSummaryOf } from './run-failure.ts';
import { run } from './run.ts';

const PIPELINE = new URL('./collector.test.pipeline.js', import.meta.url);
const EVENTS = 32 * 50;

test('a sink that collects has one end for all lanes, and what it says stands once in the summary', async () => {
  const { sinks, ledger, warnings } = await run(PIPELINE, { lanes: 3, params: { does: 'counts' } })
    .done;
  assert.equal(ledger.total.read, EVENTS);
  assert.deepEqual(
    sinks.map(({ location }) => location),
    [`${EVENTS} events`, undefined, undefined],
  );
  assert.deepEqual(warnings, []);
});

test('one lane has no collector', async () => {
  const { sinks } = await run(PIPELINE, { lanes: 1, params: { does: 'exits' } }).done;
  assert.deepEqual(
    sinks.map(({ acknowledged, location }) => [acknowledged, location]),
    [[EVENTS, undefined]],
  );
});

for (const [does, code, message] of [
  ['rejects', 'ERR_SOCKFLOW_LANE_FAILED', /sink adding, for all lanes failed: it has had enough/],
  ['rejects-at-once', 'ERR_SOCKFLOW_LANE_FAILED', /for all lanes failed: it does not like this/],
  ['throws-outside', 'ERR_SOCKFLOW_LANE_FAILED', /for all lanes failed: nobody catches this/],
  [
    'exits',
    'ERR_SOCKFLOW_LANE_DIED',
    /the thread of output events, sink adding, for all lanes died/,
  ],
] as const) {
  test(`a collector that ${does} ends the run by what it says, not by what its lanes say of it`, async () => {
    const params: CollectorParams = { does };
    const failure: unknown = await run(PIPELINE, { lanes: 2, params: { ...params } }).done.catch(
      (error: unknown) => error,
    );
    assert.ok(isSockflowError(failure), String(failure));
    assert.equal(failure.code, code);
    assert.match(failure.message, message);
    assert.equal(runSummaryOf(failure)?.outcome, 'failed');
  });
}
