import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';

import {
  type ContextEvent,
  readMarker,
  SlotMemory,
  writeClockAnchor,
  writeContextEvent,
} from '@sockflow/core';

import { batchOf, ORIGIN } from '../batch-of.test.support.ts';
import { contextJson } from './context-json.ts';
import { encodedText } from './encoded-text.test.support.ts';

const FIXTURE = new URL('../../../../fixtures/real-context.ndjson.gz', import.meta.url);
const SLOT_WORDS = 80;

test('every raw field of every real event is written as it was captured, but the line number and the current pid', () => {
  const lines = gunzipSync(readFileSync(FIXTURE)).toString().trimEnd().split('\n');
  const memory = SlotMemory.allocate(lines.length * SLOT_WORDS * 4);
  const words: number[] = [];
  const expected = lines.map((line, index) => {
    const event = JSON.parse(line) as ContextEvent & { seq?: number; current_pid?: number };
    writeContextEvent(memory, index * SLOT_WORDS, event);
    words.push(index * SLOT_WORDS);
    delete event.seq;
    delete event.current_pid;
    return JSON.stringify(event);
  });
  const batch = batchOf(memory, words);
  const text = encodedText(contextJson().createEncoder(), (to, out) => to.encodeBatch(batch, out));
  assert.deepEqual(text.split('\n'), [...expected, '']);
});

test('markers are lines in their place, and can be read back', () => {
  const memory = SlotMemory.allocate(4 * SLOT_WORDS * 4);
  const clock = { tsNs: 5n, realtimeNs: 6n, monotonicNs: 7n, uncertaintyNs: 8n };
  for (const word of [0, 2 * SLOT_WORDS]) memory.u32[word + 2] = 0x0101;
  for (const word of [SLOT_WORDS, 3 * SLOT_WORDS]) writeClockAnchor(memory, word, clock);
  const markers = [readMarker(memory, SLOT_WORDS, 1), readMarker(memory, 3 * SLOT_WORDS, 2)];
  const batch = batchOf(memory, [0, 2 * SLOT_WORDS], ORIGIN, markers);
  batch.raw.markerWords.set([SLOT_WORDS, 3 * SLOT_WORDS]);
  const text = encodedText(contextJson().createEncoder(), (to, out) => to.encodeBatch(batch, out));
  const events = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as ContextEvent);
  assert.deepEqual(
    events.map((event) => event.kind ?? 'OP'),
    ['OP', 'CLOCK_ANCHOR', 'OP', 'CLOCK_ANCHOR'],
  );
  writeContextEvent(memory, 0, events[1]!);
  assert.deepEqual(readMarker(memory, 0, 1), markers[0]);
});
