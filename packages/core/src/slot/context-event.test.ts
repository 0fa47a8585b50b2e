import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';

import type { ContextEvent, OpContext } from '../schema/generated/context-event.ts';
import { readContextEvent } from './read-context-event.ts';
import { SlotMemory } from './slot-memory.ts';
import { NO_ROOM, writeContextEvent } from './write-context-event.ts';

const FIXTURES = new URL('../../../../fixtures/', import.meta.url);

function realEvents(): OpContext[] {
  const lines = gunzipSync(readFileSync(new URL('real-context.ndjson.gz', FIXTURES)))
    .toString()
    .trimEnd()
    .split('\n');
  return lines.map((line) => JSON.parse(line) as OpContext);
}

const MEMORY = SlotMemory.allocate(65536);
const BASE: OpContext = {
  ts_boot_ns: '1',
  op: 12,
  family: 2,
  remote_port: 0x50000000,
  local_port: 443,
  is_fullsock: 1,
  state: 1,
  cookie: '7',
};

function roundTrip(event: ContextEvent): ContextEvent {
  writeContextEvent(MEMORY, 0, event);
  return readContextEvent(MEMORY, 0);
}

test('every field of every real event comes back, but for the line number and the current pid', () => {
  const events = realEvents();
  assert.equal(events.length, 3595);
  for (const event of events) {
    const { seq, current_pid, ...kept } = event as OpContext & {
      seq: number;
      current_pid: number;
    };
    assert.ok(seq >= 0 && current_pid >= 0);
    const back = roundTrip(event);
    assert.deepEqual(back, kept);
    assert.deepEqual(Object.keys(back), Object.keys(kept));
  }
});

test('a slot takes 320 bytes with a TCP header and 256 without', () => {
  assert.equal(writeContextEvent(MEMORY, 0, BASE), 256);
  assert.equal(writeContextEvent(MEMORY, 0, { ...BASE, op: 13, tcp_header: 'ab'.repeat(60) }), 320);
});

test('a slot that the memory has no room for is not begun', () => {
  const words = MEMORY.u32.length;
  MEMORY.u32.fill(7, words - 64);
  assert.equal(writeContextEvent(MEMORY, words - 48, BASE), NO_ROOM);
  assert.equal(
    writeContextEvent(MEMORY, words - 64, { ...BASE, op: 13, tcp_header: 'ab' }),
    NO_ROOM,
  );
  assert.ok(MEMORY.u32.subarray(words - 64).every((word) => word === 7));
  assert.equal(writeContextEvent(MEMORY, words - 64, BASE), 256);
});
