import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { type ContextEvent, SlotMemory, writeContextEvent } from '@sockflow/core';

import { type ValidationReport, validateEvents } from './index.ts';

const FIXTURE = new URL('../../../../fixtures/synthetic-context.ndjson', import.meta.url);
const LINES = readFileSync(FIXTURE, 'utf8').trimEnd().split('\n');

function reportOn(op: number): ValidationReport {
  const line = LINES.map((text) => JSON.parse(text) as ContextEvent & { op: number }).find(
    (event) => event.op === op,
  );
  assert.ok(line !== undefined, `a line of op ${op}`);
  const memory = SlotMemory.allocate(1024);
  return validateEvents([
    {
      memory,
      startWord: 0,
      endWord: writeContextEvent(memory, 0, line) / 4,
      origin: { id: 'synthetic' },
      mayBeBusy: false,
      mayHoldOtherLanes: true,
      mayHoldMarkers: false,
      endTimeUs: 0,
    },
  ]);
}

test('says of VOID that the kernel never calls it', () => {
  assert.deepEqual(reportOn(0).countsByRule, { V2: 1 });
});

test('finds nothing wrong with ops that only some machines have, but that nothing began before them', () => {
  for (const op of [7, 18]) {
    assert.deepEqual(reportOn(op).countsByRule, { V13: 1 }, `op ${op}`);
  }
});

test('holds no rule of known ops against an op of a later kernel', () => {
  const { countsByRule, violations } = reportOn(21);
  assert.deepEqual(countsByRule, { V13: 1 });
  assert.equal(violations[0]?.op, 'UNKNOWN(21)');
});

test('asks no smoothed RTT of RTT_CB without arguments, as kernels before 6.10 give it', () => {
  assert.deepEqual(reportOn(12).countsByRule, { V13: 1 });
});
