import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';

import { isSockflowError } from '@sockflow/core';
import { useTempDir } from '@sockflow/test-support';

import { type PartTake, takePart } from './memory-file.test.support.ts';
import { MemoryFile } from './memory-file.test.support.ts';
import { ORIGIN_A, ORIGIN_B, randomFrom, randomSlots } from './random-slots.test.support.ts';
import { describeDamage, isLossOpen } from './reader/damage.ts';
import { readIndex } from './reader/read-index.ts';
import { replayAll } from './replay-all.test.support.ts';
import { RecordingWriter } from './writer/recording-writer.ts';

/** Blocks of a few slots each, of two origins, with markers. */
function smallRecording(path: string): Buffer {
  const writer = RecordingWriter.create(path, { recordingId: '00112233445566778899aabbccddeeff' });
  for (const [seed, origin] of [ORIGIN_A, ORIGIN_A, ORIGIN_B, ORIGIN_A].entries()) {
    const slots = randomSlots({ count: 3, seed, markerEvery: 4, longEvery: 3 });
    writer.appendSlots(slots.memory, 0, slots.endWord, origin);
    writer.flush();
  }
  writer.close();
  return readFileSync(path);
}

/** @returns what a spoilt recording gives; `undefined` where it is refused, which must be with a code. */
function tryTake(bytes: Uint8Array, isUnfinished = false): PartTake | undefined {
  try {
    return takePart(bytes, isUnfinished);
  } catch (error) {
    assert.ok(isSockflowError(error), `not a coded error: ${String(error)}`);
    assert.ok(error.remedy !== undefined && error.message.includes('memory.sfrec'));
    return undefined;
  }
}

function isSubsequence(some: readonly string[], all: readonly string[]): boolean {
  let at = 0;
  for (const text of all) if (text === some[at]) at++;
  return at === some.length;
}

test('a file cut at any byte gives every whole block before the cut, and says so', (t) => {
  const bytes = smallRecording(join(useTempDir(t), 'out.sfrec'));
  const whole = takePart(bytes);
  const { blocks } = whole.part;
  const headerEnd = bytes.readUInt32LE(12);
  const ends = Array.from(
    { length: blocks.count },
    (_, row) => blocks.payloadOffset(row) + blocks.payloadBytes(row),
  );
  const slotsBefore = (cut: number): number =>
    ends.reduce((sum, end, row) => sum + (end <= cut ? blocks.slots(row) : 0), 0);
  for (let cut = 0; cut < bytes.length; cut++) {
    const take = tryTake(bytes.subarray(0, cut));
    if (cut < headerEnd) {
      assert.equal(take, undefined, `cut at ${cut}`);
      continue;
    }
    assert.ok(take !== undefined, `cut at ${cut}`);
    assert.deepEqual(take.slots, whole.slots.slice(0, slotsBefore(cut)), `cut at ${cut}`);
    const isAllThere = take.slots.length === whole.slots.length;
    assert.equal(take.part.damage.length, 1, `cut at ${cut}`);
    if (take.part.damage[0]?.events === 0) assert.ok(isAllThere, `cut at ${cut}`);
    if (!isAllThere) assert.ok(take.part.damage.every(isLossOpen), `cut at ${cut}`);
  }
});

test('an unfinished file cut within its file header is an empty one, and no other file is', (t) => {
  const bytes = smallRecording(join(useTempDir(t), 'out.sfrec'));
  const headerEnd = bytes.readUInt32LE(12);
  for (let cut = 0; cut < headerEnd; cut++) {
    const { part, slots } = takePart(bytes.subarray(0, cut), true);
    assert.deepEqual([part.isHeaderless, slots, part.damage], [true, [], []], `cut at ${cut}`);
    assert.match(part.notes.join(), new RegExp(`holds no event.* after ${cut} bytes?$`));
  }
  assert.equal(takePart(bytes.subarray(0, headerEnd), true).part.isHeaderless, false);
  assert.equal(tryTake(Buffer.from('{"op":'), true), undefined);
  const spoilt = Buffer.from(bytes.subarray(0, 100));
  spoilt[20]! ^= 1;
  assert.equal(tryTake(spoilt, true), undefined);
});

test('a cut says how many events are lost at least, and never how many in all', () => {
  const cut = { kind: 'cut', path: 'a.sfrec', startOffset: 10, endOffset: 20 } as const;
  assert.equal(
    describeDamage({ ...cut, events: 1818, isLowerBound: true }),
    "'a.sfrec' is cut at byte 20: at least 1818 events lost; what came after is not known",
  );
  assert.match(describeDamage({ ...cut, events: undefined }), /an unknown number of events lost/);
  const block = { ...cut, kind: 'block', events: 1 } as const;
  assert.match(describeDamage(block), /: 1 event lost$/);
  assert.equal(isLossOpen(block), false);
});

test('an unfinished file cut between blocks is not called damaged', (t) => {
  const bytes = smallRecording(join(useTempDir(t), 'out.sfrec'));
  const { blocks } = takePart(bytes).part;
  const end = blocks.payloadOffset(1) + blocks.payloadBytes(1);
  const take = takePart(bytes.subarray(0, end), true);
  assert.deepEqual(take.part.damage, []);
  assert.match(take.part.notes.join(), /unfinished/);
  assert.equal(takePart(bytes.subarray(0, end), false).part.damage.length, 1);
  assert.equal(takePart(bytes.subarray(0, end + 900), true).part.damage[0]?.kind, 'cut');
});

for (const hasIndex of [true, false]) {
  test(`a flipped bit anywhere is found or harmless, never a wrong event (${hasIndex ? 'with' : 'without'} index)`, (t) => {
    const bytes = smallRecording(join(useTempDir(t), 'out.sfrec'));
    const whole = takePart(bytes);
    const total = whole.part.blocks;
    let events = 0;
    for (let row = 0; row < total.count; row++) events += total.events(row);
    const length = hasIndex ? bytes.length : bytes.length - 128;
    const file = Buffer.from(bytes.subarray(0, length));
    // The file header is read the same way with and without an index.
    const start = hasIndex ? 0 : bytes.readUInt32LE(12);
    for (let at = start; at < length; at++) {
      const flipped = 1 << ((at * 5) % 8);
      file[at]! ^= flipped;
      const take = tryTake(file);
      file[at]! ^= flipped;
      if (take === undefined) continue;
      assert.ok(isSubsequence(take.slots, whole.slots), `wrong slots with a flip at ${at}`);
      if (take.slots.length === whole.slots.length) continue;
      const damage = take.part.damage.filter((place) => place.events !== 0);
      assert.ok(damage.length + take.badBlocks > 0, `loss not named with a flip at ${at}`);
      assert.ok(damage.length + take.badBlocks === 1, `more than one loss with a flip at ${at}`);
      const known = damage[0] === undefined ? take.badEvents : damage[0].events;
      const given = take.slots.filter((slot) => !isMarker(slot)).length;
      if (known !== undefined) assert.equal(given + known, events, `flip at ${at}`);
    }
  });
}

function isMarker(slot: string): boolean {
  const hex = slot.slice(slot.lastIndexOf(':') + 1);
  return hex.startsWith('04', 16) || hex.startsWith('05', 16);
}

test('a damaged file header is damage, and costs no event', (t) => {
  const bytes = smallRecording(join(useTempDir(t), 'out.sfrec'));
  const whole = takePart(bytes);
  for (const at of [0, 7, 8, 17, 40, 61, 200, 3000]) {
    const spoilt = Buffer.from(bytes);
    spoilt[at]! ^= 4;
    for (const file of [spoilt, spoilt.subarray(0, spoilt.length - 128)]) {
      const take = takePart(file);
      assert.deepEqual(take.slots, whole.slots);
      const [header] = take.part.damage;
      assert.deepEqual([header?.kind, header?.events], ['header', 0]);
    }
  }
});

test('the index says what the frames say', (t) => {
  const bytes = smallRecording(join(useTempDir(t), 'out.sfrec'));
  const indexed = takePart(bytes).part;
  const scanned = takePart(bytes.subarray(0, bytes.length - 128)).part;
  assert.equal(indexed.hasIndex, true);
  assert.equal(scanned.hasIndex, false);
  assert.equal(indexed.blocks.count, scanned.blocks.count);
  for (let row = 0; row < scanned.blocks.count; row++) {
    assert.deepEqual([...indexed.blocks.row(row)], [...scanned.blocks.row(row)]);
  }
  assert.deepEqual(indexed.origins, scanned.origins);
  assert.equal(
    readIndex(new MemoryFile(bytes.subarray(0, bytes.length - 128)), undefined),
    undefined,
  );
});

test('blocks whose headers are lost too are counted by those behind them', (t) => {
  const bytes = smallRecording(join(useTempDir(t), 'out.sfrec'));
  const { blocks } = takePart(bytes).part;
  const spoilt = Buffer.from(bytes.subarray(0, bytes.length - 128));
  spoilt[blocks.frameOffset(1) + 70]! ^= 1;
  spoilt[blocks.frameOffset(2) + 70]! ^= 1;
  const { part } = takePart(spoilt);
  assert.equal(part.blocks.count, blocks.count - 2);
  const lost = part.damage.reduce((sum, { events }) => sum + (events ?? NaN), 0);
  assert.equal(lost, blocks.events(1) + blocks.events(2));
});

test('bytes of another recording within a payload are not taken for frames', (t) => {
  const directory = useTempDir(t);
  const inner = smallRecording(join(directory, 'inner.sfrec'));
  const slots = randomSlots({ count: 100, seed: 1 });
  slots.memory.u8.set(inner.subarray(inner.readUInt32LE(12), inner.length).subarray(0, 8192), 1024);
  // Slots 4 to 35 hold the other recording's frames; their length words are put right again.
  for (const word of slots.words) slots.memory.u32[word] = 248;
  const path = join(directory, 'outer.sfrec');
  const writer = RecordingWriter.create(path);
  writer.appendSlots(slots.memory, 0, slots.endWord, ORIGIN_A);
  writer.close();
  const bytes = readFileSync(path);
  const { blocks } = takePart(bytes).part;
  const spoilt = Buffer.from(bytes.subarray(0, bytes.length - 128));
  spoilt[blocks.frameOffset(0) + 70]! ^= 1;
  const { part, slots: given } = takePart(spoilt);
  assert.deepEqual(given, []);
  assert.equal(part.damage.length, 1);
});

test('replay goes on over a damaged block, marks the loss in the stream, and fails at its end', async (t) => {
  const path = join(useTempDir(t), 'out.sfrec');
  const bytes = smallRecording(path);
  const { blocks } = takePart(bytes).part;
  const whole = await replayAll(path);
  bytes[blocks.payloadOffset(1) + 100]! ^= 1;
  writeFileSync(path, bytes);
  for (const lanes of [1, 3]) {
    const take = await replayAll(path, { lanes });
    assert.ok(isSockflowError(take.closeError));
    assert.equal(take.closeError.code, 'ERR_SOCKFLOW_RECORDING_DAMAGED');
    const named = `' does not match its checksum: ${blocks.events(1)} event`;
    assert.ok(take.closeError.message.includes(named), take.closeError.message);
    const sum = (counter: 'recorded' | 'read' | 'bad' | 'skipped'): number =>
      take.lanes.reduce((total, lane) => total + lane.counters[counter], 0);
    assert.equal(sum('bad'), blocks.events(1));
    assert.equal(sum('recorded'), sum('read') + sum('bad') + sum('skipped'));
    const losses = take.lanes.flatMap((lane) => lane.markers).filter((text) => lossCount(text) > 0);
    assert.deepEqual(losses.map(lossCount), [blocks.events(1)], 'one marker, in one lane');
    const events = take.lanes.flatMap((lane) => lane.events).toSorted();
    const expected = whole.lanes[0]!.events.toSpliced(blocks.events(0), blocks.events(1));
    assert.deepEqual(events, expected.toSorted());
  }
  const tolerated = await replayAll(path, { tolerateDamage: true });
  assert.equal(tolerated.closeError, undefined);
});

/** `lost_damaged` of a loss marker that this reader made: its other slots are random. */
function lossCount(text: string): number {
  const slot = Buffer.from(text.slice(text.lastIndexOf(':') + 1), 'hex');
  const isOwn = slot.readBigUInt64LE(24) === 0n && slot[8] === 4;
  return isOwn ? Number(slot.readBigUInt64LE(176)) : 0;
}

test('replay of a cut file gives every whole block in any number of lanes, then fails with the place', async (t) => {
  const path = join(useTempDir(t), 'out.sfrec');
  const bytes = smallRecording(path);
  const { blocks } = takePart(bytes).part;
  const whole = (await replayAll(path)).lanes[0]!;
  const cut = blocks.payloadOffset(2) + 40;
  writeFileSync(path, bytes.subarray(0, cut));
  for (const lanes of [1, 2]) {
    const { lanes: takes, closeError } = await replayAll(path, { lanes });
    const events = takes.flatMap((lane) => lane.events);
    const before = blocks.events(0) + blocks.events(1);
    assert.deepEqual(events.toSorted(), whole.events.slice(0, before).toSorted());
    assert.ok(isSockflowError(closeError));
    assert.equal(closeError.code, 'ERR_SOCKFLOW_RECORDING_DAMAGED');
    assert.match(closeError.message, new RegExp(`out\\.sfrec' is cut at byte ${cut}`));
    const bad = takes.reduce((sum, { counters }) => sum + counters.bad, 0);
    assert.equal(bad, blocks.events(2), 'its header says how many it held');
    const counted = takes.map(
      ({ counters }) => counters.recorded - counters.read - counters.bad - counters.skipped,
    );
    assert.equal(
      counted.reduce((sum, rest) => sum + rest, 0),
      0,
      'what is lost was recorded',
    );
  }
});

test('headers that lie, with right checksums, give coded errors or slots: no crash, no endless loop', (t) => {
  const bytes = smallRecording(join(useTempDir(t), 'out.sfrec'));
  const offsets: number[] = [];
  const { blocks } = takePart(bytes).part;
  for (let row = 0; row < blocks.count; row++) offsets.push(blocks.frameOffset(row));
  const random = randomFrom(7);
  const scanned = Buffer.from(bytes.subarray(0, bytes.length - 128));
  for (let run = 0; run < 1500; run++) {
    const file = Buffer.from(scanned);
    for (let changes = 1 + random(3); changes > 0; changes--) {
      const at = offsets[random(offsets.length)]!;
      const headerBytes = file.readUInt32LE(at + 8);
      const field = 4 + random(26) * 4;
      const values = [0, 1, 64, 255, 832, 1 << 20, 0x7fffffff, 0xffffffff, random(0x100000000)];
      file.writeUInt32LE(values[random(values.length)]!, at + field);
      const end = at + Math.min(headerBytes, 832) - 4;
      file.writeUInt32LE(crc32(file.subarray(at, end)), end);
    }
    tryTake(file, run % 2 === 0);
  }
});
