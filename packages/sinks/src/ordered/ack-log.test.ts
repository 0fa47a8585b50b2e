import assert from 'node:assert/strict';
import { test } from 'node:test';

import { AckLog, type RunAcks } from './ack-log.ts';

function sentRun(log: AckLog, lane = 0): RunAcks {
  const run: RunAcks = { lane, taken: 0, isTaken: false, acknowledged: 0 };
  log.sent(run);
  return run;
}

/** Events of these runs go to the inner sink, in this order. */
function give(log: AckLog, runs: readonly RunAcks[]): void {
  for (const run of runs) run.taken++;
  log.given(runs);
}

test('a lane is told of a run once all of it is acknowledged, and all before it', () => {
  const log = new AckLog(2);
  const [first, second] = [sentRun(log), sentRun(log)];
  const other = sentRun(log, 1);
  give(log, [second, first, other, second, first]);
  for (const run of [first, second, other]) run.isTaken = true;
  log.acknowledge(4);
  assert.deepEqual([log.of(0), log.of(1)], [0, 1]);
  log.acknowledge(5);
  assert.deepEqual([log.of(0), log.of(1)], [4, 1]);
});

test('a run of which more may come is not acknowledged yet', () => {
  const log = new AckLog(1);
  const run = sentRun(log);
  give(log, [run, run]);
  log.acknowledge(2);
  assert.equal(log.of(0), 0);
  run.isTaken = true;
  assert.equal(log.of(0), 2);
});

test('runs without events are passed over, and many of them take no memory', () => {
  const log = new AckLog(1);
  for (let round = 0; round < 1000; round++) {
    sentRun(log).isTaken = true;
    const run = sentRun(log);
    give(log, [run]);
    run.isTaken = true;
    log.acknowledge(round + 1);
    assert.equal(log.of(0), round + 1);
  }
});
