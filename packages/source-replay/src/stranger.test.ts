import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { EVENT_FIELDS, type FieldSpec, Kind } from '@sockflow/core';
import { requireTool, useTempDir } from '@sockflow/test-support';

import {
  ORIGIN_A,
  ORIGIN_B,
  type RandomSlots,
  randomSlots,
  slotHex,
} from './random-slots.test.support.ts';
import { openRecording } from './reader/open-recording.ts';
import { RecordingWriter } from './writer/recording-writer.ts';

const KIND_NAMES = new Map<number, string>(
  Object.entries(Kind).map(([name, number]) => [number, name]),
);
const READER = fileURLToPath(new URL('../fixtures/read-recording.py', import.meta.url));

/** What the stranger's reader says of a recording: its lines and its complaints. */
function readByStranger(path: string): { lines: unknown[]; complaints: string } {
  const child = spawnSync('python3', [READER, path], { encoding: 'utf8', maxBuffer: 1 << 26 });
  assert.equal(child.status, 0, child.stderr);
  const lines = child.stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as unknown);
  return { lines, complaints: child.stderr };
}

function decoded(slot: Buffer, field: FieldSpec): unknown {
  const { offset, type, bits } = field;
  if (offset >= 256) return null;
  switch (type) {
    case 'u8':
      return slot.readUInt8(offset);
    case 'u16':
      return slot.readUInt16LE(offset);
    case 'u32':
      return slot.readUInt32LE(offset);
    case 'u64':
      return slot.readBigUInt64LE(offset).toString();
    case 'u32x4':
      return [0, 4, 8, 12].map((more) => slot.readUInt32LE(offset + more));
    case 'char16':
      return slot.toString('hex', offset, offset + 16);
    case 'bits':
      return (slot.readUInt8(offset) >> bits!.shift) & ((1 << bits!.width) - 1);
  }
}

function expectedLines({ memory, words }: RandomSlots, origin: string): unknown[] {
  return words.map((word) => {
    const slot = Buffer.from(slotHex(memory, word), 'hex');
    const kind = slot.readUInt8(8);
    const fields = EVENT_FIELDS.map((field) => [field.name, decoded(slot, field)]);
    return { origin, kind: KIND_NAMES.get(kind) ?? kind, ...Object.fromEntries(fields) };
  });
}

test('a reader written from the specification alone decompresses lz4, and says where it knows no zstd', (t) => {
  if (!requireTool(t, 'python3')) return;
  const path = join(useTempDir(t), 'out.sfrec');
  const slots = randomSlots({ count: 300, seed: 1, markerEvery: 20, longEvery: 4, values: 3 });
  const lines = expectedLines(slots, 'boot-a');
  for (const compression of ['lz4', 'zstd'] as const) {
    const writer = RecordingWriter.create(path, { compression });
    writer.appendSlots(slots.memory, 0, slots.endWord, ORIGIN_A);
    writer.close();
    const found = readByStranger(path);
    if (compression === 'zstd' && found.lines.length === 0) {
      assert.match(found.complaints, /^block at byte \d+ is not read: compressed .* zstd: no such/);
    } else {
      assert.deepEqual(found, { lines, complaints: '' });
    }
  }
});

test('a reader written from the specification alone gives the same events, also of a damaged file', (t) => {
  if (!requireTool(t, 'python3')) return;
  const path = join(useTempDir(t), 'out.sfrec');
  const first = randomSlots({ count: 120, seed: 1, markerEvery: 20, longEvery: 4 });
  const second = randomSlots({ count: 50, seed: 2 });
  const writer = RecordingWriter.create(path, { laneGroups: 1 });
  writer.appendSlots(first.memory, 0, first.endWord, ORIGIN_A);
  writer.appendSlots(second.memory, 0, second.endWord, ORIGIN_B);
  writer.close();
  const lines = [expectedLines(first, 'boot-a'), expectedLines(second, 'boot-b')];
  assert.deepEqual(readByStranger(path), { lines: lines.flat(), complaints: '' });

  const { blocks } = openRecording(path).parts[0]!;
  const bytes = readFileSync(path);
  bytes[blocks.payloadOffset(0) + 77]! ^= 1;
  writeFileSync(path, bytes.subarray(0, bytes.length - 200));
  const damaged = readByStranger(path);
  assert.deepEqual(damaged.lines, lines[1]);
  assert.match(damaged.complaints, /frame at byte \d+ is cut or damaged/);
});
