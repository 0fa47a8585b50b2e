import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import type { OpContext } from '../schema/generated/context-event.ts';
import { readContextEvent } from './read-context-event.ts';
import { viewOf } from './real-events.test.helper.ts';
import { SlotMemory } from './slot-memory.ts';
import { writeContextEvent } from './write-context-event.ts';

const LINES = readFileSync(
  new URL('../../../../fixtures/synthetic-context.ndjson', import.meta.url),
  'utf8',
)
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as OpContext & { synthetic: string });

function lineOf(op: number): OpContext {
  const line = LINES.find((candidate) => candidate.op === op);
  assert.ok(line !== undefined);
  return line;
}

test('every synthetic event is marked as one and comes back without the mark', () => {
  const memory = SlotMemory.allocate(320);
  for (const { synthetic, ...kept } of LINES) {
    assert.ok(synthetic.length > 0);
    writeContextEvent(memory, 0, kept);
    assert.deepEqual(readContextEvent(memory, 0), kept);
  }
});

test('an op that never fires reads like any other', () => {
  const object = viewOf(lineOf(0)).toObject();
  assert.equal(object.op, 'VOID');
  assert.equal(object.srttUs, 166);
});

test('the question for a base RTT has metrics and no arguments', () => {
  const view = viewOf(lineOf(7));
  assert.equal(view.toObject().op, 'BASE_RTT');
  assert.equal(view.srttUs, 166);
  assert.equal(view.arg0, undefined);
});

test('a hardware stamp has its time, its key and its length, no flags and no metrics', () => {
  const view = viewOf(lineOf(18));
  assert.equal(view.skbHwtstampNs, 1_700_000_000_123_456_789n);
  assert.equal(view.tskey, 300);
  assert.equal(view.skbLen, 366);
  assert.equal(view.tcpFlags, undefined);
  assert.equal(view.srttUs, undefined);
  assert.equal(view.bytesAcked, undefined);
});

test('an op of a later kernel has its arguments, its segment and its metrics', () => {
  const object = viewOf(lineOf(21)).toObject();
  assert.equal(object.op, 'UNKNOWN(21)');
  assert.deepEqual([object.arg0, object.arg3], [1, 4294967295]);
  assert.equal(object.tcpFlags, 'PSH|ACK|AE');
  assert.equal(object.skbLen, 52);
  assert.equal(object.tcpHeaderHex?.length, 64);
  assert.equal(object.srttUs, 166);
});

test('an RTT_CB of an older kernel has no sample, not one of zero', () => {
  const object = viewOf(lineOf(12)).toObject();
  assert.equal('mrttUs' in object, false);
  assert.equal('newSrttUs' in object, false);
  assert.equal(object.srttUs, 166);
});
