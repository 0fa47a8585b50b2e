import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';

import { type ContextEvent, PRESENCE_BIT, SlotMemory, writeContextEvent } from '@sockflow/core';

import { validateEvents } from './index.ts';

const FIXTURE = new URL('../../../../fixtures/real-context.ndjson.gz', import.meta.url);
/** The capturing program did not read the time stamp key. */
const CAPTURED = ((1n << 64n) - 1n) ^ (1n << BigInt(PRESENCE_BIT.tskey));

test('passes every event of a live kernel', () => {
  const lines = gunzipSync(readFileSync(FIXTURE)).toString().trimEnd().split('\n');
  const memory = SlotMemory.allocate(lines.length * 320);
  let word = 0;
  for (const line of lines) {
    word += writeContextEvent(memory, word, JSON.parse(line) as ContextEvent) / 4;
  }
  const origin = { id: 'real', captured: CAPTURED };
  const report = validateEvents([
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
  assert.deepEqual(report.violations, []);
  assert.equal(report.events, 3595);
  assert.equal(report.sockets, 103);
  assert.equal(report.openSockets, 4, 'the half-open ones never end');
});
