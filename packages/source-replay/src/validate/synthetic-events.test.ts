import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { type ContextEvent, SlotMemory, writeContextEvent } from '@sockflow/core';

import { type ValidationReport, validateEvents } from './index.ts';

const FIXTURE = new URL('../../../../fixtures/synthetic-context.ndjson', import.meta.url);
const LINES = readFileSync(FIXTURE, 'utf8').trimEnd().split('\n');

/** What the validator finds in the line of this op, as an event of a connection that began before. */
function reportOn(op: number): ValidationReport {
  const line = LINES.map((text) => JSON.parse(text) as ContextEvent & { op: number }).find(
    (event) => event.op === op,
  );
  assert.ok(line !== undefined, `a line of op ${op}`);
  const memory = SlotMemory.allocate(1024);
  const span = {
    memory,
    startWord: 0,
    endWord: writeContextEvent(memory, 0, line) / 4,
    origin: { id: 'synthetic' },
    mayBeBusy: false,
    mayHoldOtherLanes: true,
    mayHoldMarkers: false,
    endTimeUs: 0,
  };
  return validateEvents([span], { startsMidway: true });
}

test('says of VOID that the kernel never calls it', () => {
  assert.deepEqual(reportOn(0).countsByRule, { V2: 1 });
});

test('finds nothing wrong with ops that only some machines have', () => {
  assert.deepEqual(reportOn(7).violations, []);
  assert.deepEqual(reportOn(18).violations, []);
});

test('holds no rule of known ops against an op of a later kernel', () => {
  assert.deepEqual(reportOn(21).violations, []);
});

test('asks no smoothed RTT of RTT_CB without arguments, as kernels before 6.10 give it', () => {
  assert.deepEqual(reportOn(12).violations, []);
});
