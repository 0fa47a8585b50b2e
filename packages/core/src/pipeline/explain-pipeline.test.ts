import assert from 'node:assert/strict';
import { test } from 'node:test';

import { explainPipeline } from './explain-pipeline.ts';
import { renderExplanation } from './render-explanation.ts';

const PIPELINE = new URL('./explained.test.pipeline.js', import.meta.url);

test('says of each filter whether the source carries it out, and which are fused in one loop', async () => {
  const { outputs, source, reportedOps } = await explainPipeline(PIPELINE, {
    params: { events: 'fused' },
  });
  assert.equal(source, 'explained');
  assert.deepEqual(reportedOps, ['STATE_CB', 'RTT_CB']);
  const [subscription] = outputs[0]?.subscriptions ?? [];
  assert.deepEqual(
    subscription?.filters.map(({ filter, inSource, run }) => [filter.slice(0, 12), inSource, run]),
    [
      ['filterOp(RTT', 'skips blocks without these ops', 0],
      ['where((event', undefined, 0],
    ],
  );
  assert.equal(outputs[0]?.hasPlainOperators, false);
});

test('filters behind a plain operator are a run of their own that the source does not know', async () => {
  const { outputs } = await explainPipeline(PIPELINE, { params: { events: 'split' } });
  const [subscription] = outputs[0]?.subscriptions ?? [];
  assert.deepEqual(
    subscription?.filters.map(({ filter, inSource, run }) => [filter, inSource !== undefined, run]),
    [
      ['filterOp(RTT_CB)', true, 0],
      ['filterPort(443)', false, 1],
      ['filterPort(80)', false, 2],
    ],
  );
  assert.equal(outputs[0]?.hasPlainOperators, true);
});

test('what one output needs, the source does not leave out for another', async () => {
  const { pushDown } = await explainPipeline(PIPELINE, { params: { events: 'named' } });
  assert.match(pushDown, /leaves out nothing: output everything has no filter/);
});

test('state and held events are said to be outside of the delivery promise where operators may hold some', async () => {
  const held = await explainPipeline(PIPELINE, { params: { events: 'split' } });
  assert.match(held.delivery.join('\n'), /outside of the promise: state of scanConnections/);
  const fused = await explainPipeline(PIPELINE, { params: { events: 'fused' } });
  assert.doesNotMatch(fused.delivery.join('\n'), /outside of the promise/);
});

test('a filter that can match nothing is a warning that names its output', async () => {
  const { warnings } = await explainPipeline(PIPELINE, { params: { events: 'impossible' } });
  assert.equal(warnings.length, 1);
  assert.match(
    warnings[0] ?? '',
    /^output events: .*TCP flags.* matches nothing: RTT_CB carries none/,
  );
});

test('of a live source it says what it cannot give, and that nothing is read again', async () => {
  const { warnings, delivery } = await explainPipeline(PIPELINE, {
    params: { events: 'snapshots', isLive: true },
  });
  assert.match(
    warnings.join('\n'),
    /^output events: filterKind\(SNAPSHOT\) matches nothing: the source/,
  );
  assert.match(delivery[0] ?? '', /^once, and not again: the source is live/);
});

test('scanConnections that waits for a close which the source does not report is refused', async () => {
  await assert.rejects(explainPipeline(PIPELINE, { params: { events: 'no-close' } }), {
    code: 'ERR_SOCKFLOW_CLOSE_NOT_REPORTED',
  });
});

test('reads as text', async () => {
  const text = renderExplanation(await explainPipeline(PIPELINE, { params: { events: 'split' } }));
  assert.equal(
    text,
    `source  explained
  reports   STATE_CB, RTT_CB
  push-down the source leaves out only what these filters drop for sure

output  events
  fused     1 filter in one loop over the slots of the source
    filterOp(RTT_CB)  (source: skips blocks without these ops)
  fused     1 filter in one loop over the selection that is left: an operator that is not one of our filters ended the run before
    filterPort(443)
  fused     1 filter in one loop over the selection that is left: an operator that is not one of our filters ended the run before
    filterPort(80)
  plain     RxJS operators behind, as they are
  sinks     none

delivery
  at least once: after a failure, what the sinks had not durably accepted is read again from the source, where it can be
  a connection's events stay in one lane and in order; across connections and lanes there is no order
  outside of the promise: state of scanConnections, and events that plain RxJS operators hold (delay, bufferTime); a lane that ends by an error, or a process that is killed, loses them
`,
  );
});
