import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

import {
  type ContextEvent,
  type Origin,
  PRESENCE_BIT,
  SlotMemory,
  writeContextEvent,
} from '@sockflow/core';

import { validateEvents, validateRecording, type ValidationReport } from './index.ts';

const RECORDING = fileURLToPath(new URL('../../../../fixtures/real.sfrec', import.meta.url));
const LIVE_RECORDING = fileURLToPath(new URL('../../../../fixtures/live.sfrec', import.meta.url));
const FIXTURE = new URL('../../../../fixtures/real-context.ndjson.gz', import.meta.url);
/** The capturing program did not read the time stamp key. */
const WITHOUT_TSKEY = ((1n << 64n) - 1n) ^ (1n << BigInt(PRESENCE_BIT.tskey));

function reportOn(origin: Origin): ValidationReport {
  const lines = gunzipSync(readFileSync(FIXTURE)).toString().trimEnd().split('\n');
  const memory = SlotMemory.allocate(lines.length * 320);
  let word = 0;
  for (const line of lines) {
    word += writeContextEvent(memory, word, JSON.parse(line) as ContextEvent) / 4;
  }
  return validateEvents([
    {
      memory,
      startWord: 0,
      endWord: word,
      origin,
      mayBeBusy: false,
      mayHoldOtherLanes: true,
      mayHoldMarkers: false,
      endTimeUs: 0,
    },
  ]);
}

function assertIsRight(report: ValidationReport): void {
  assert.deepEqual(report.violations, []);
  assert.equal(report.events, 3595);
  assert.equal(report.sockets, 103);
  assert.equal(report.openSockets, 4, 'the half-open ones never end');
}

test('passes every event of a live kernel', () => {
  assertIsRight(reportOn({ id: 'real', captured: WITHOUT_TSKEY }));
});

test('passes them where the origin does not say what could be read', () => {
  assertIsRight(reportOn({ id: 'real' }));
});

test('passes the recording of them', async () => {
  const report = await validateRecording(RECORDING);
  assert.deepEqual(report.violations, []);
  assert.equal(report.events, 3595);
});

test('passes the recording that our own program made, with resets, losses, written options and a connection that was there before', async () => {
  const report = await validateRecording(LIVE_RECORDING);
  assert.deepEqual(report.violations, []);
  assert.ok(report.events > 900 && report.otherSlots > 0);
});
