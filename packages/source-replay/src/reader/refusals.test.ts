import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { crc32 } from 'node:zlib';

import { isSockflowError } from '@sockflow/core';
import { useTempDir } from '@sockflow/test-support';

import { readIdentity, sealHeader, writeFrameFields } from '../format/frame-header.ts';
import { MemoryFile, takePart } from '../memory-file.test.support.ts';
import { ORIGIN_A, randomSlots, slotTexts } from '../random-slots.test.support.ts';
import { RecordingWriter } from '../writer/recording-writer.ts';
import { describePart } from './open-part.ts';
import { openRecording } from './open-recording.ts';

function recordingBytes(t: TestContext): Buffer {
  const path = join(useTempDir(t), 'out.sfrec');
  const slots = randomSlots({ count: 5, seed: 1 });
  const writer = RecordingWriter.create(path);
  writer.appendSlots(slots.memory, 0, slots.endWord, ORIGIN_A);
  writer.flush();
  writer.appendSlots(slots.memory, 0, slots.endWord, ORIGIN_A);
  writer.close();
  return readFileSync(path);
}

function refusal(run: () => unknown): { code: string; message: string; remedy: string } {
  try {
    run();
  } catch (error) {
    assert.ok(isSockflowError(error), String(error));
    return { code: error.code, message: error.message, remedy: error.remedy ?? '' };
  }
  throw new Error('nothing was refused');
}

/** Rewrites the preamble and its CRC. */
function withPreamble(bytes: Buffer, change: (preamble: Buffer) => void): Buffer {
  const copy = Buffer.from(bytes);
  change(copy);
  copy.writeUInt32LE(crc32(copy.subarray(0, 60)), 60);
  return copy;
}

test('files that cannot be read are refused with a code, the place and a remedy', (t) => {
  const directory = useTempDir(t);
  const good = recordingBytes(t);
  const cases: [name: string, content: Buffer | undefined, code: string, message: RegExp][] = [
    ['none.sfrec', undefined, 'ERR_SOCKFLOW_RECORDING_MISSING', /no recording at/],
    ['empty.sfrec', Buffer.alloc(0), 'ERR_SOCKFLOW_RECORDING_EMPTY', /0 bytes/],
    ['text.sfrec', Buffer.from('{"op":1}\n'), 'ERR_SOCKFLOW_NOT_A_RECORDING', /7b226f70/],
    ['tiny.sfrec', Buffer.from('ab'), 'ERR_SOCKFLOW_NOT_A_RECORDING', /6162/],
    ['cut.sfrec', good.subarray(0, 5), 'ERR_SOCKFLOW_RECORDING_DAMAGED', /cut at byte 5/],
    ['cut2.sfrec', good.subarray(0, 100), 'ERR_SOCKFLOW_RECORDING_DAMAGED', /cut at byte 100/],
    [
      'newer.sfrec',
      withPreamble(good, (preamble) => preamble.writeUInt16LE(2, 8)),
      'ERR_SOCKFLOW_RECORDING_VERSION',
      /format 2\.0/,
    ],
  ];
  for (const [name, content, code, message] of cases) {
    const path = join(directory, name);
    if (content !== undefined) writeFileSync(path, content);
    const found = refusal(() => openRecording(path));
    assert.equal(found.code, code, name);
    assert.match(found.message, message);
    assert.ok(found.message.includes(path) && found.remedy.length > 10, name);
  }
  symlinkSync('loop.sfrec', join(directory, 'loop.sfrec'));
  assert.equal(
    refusal(() => openRecording(join(directory, 'loop.sfrec'))).code,
    'ERR_SOCKFLOW_RECORDING_READ',
  );
  mkdirSync(join(directory, 'folder.sfrec'));
  const found = refusal(() => openRecording(join(directory, 'folder.sfrec')));
  assert.equal(found.code, 'ERR_SOCKFLOW_NOT_A_RECORDING');
  assert.match(found.message, /is a directory/);
});

test('a later minor version is read', (t) => {
  const bytes = recordingBytes(t);
  const newer = withPreamble(bytes, (preamble) => preamble.writeUInt16LE(7, 10));
  assert.deepEqual(takePart(newer).slots, takePart(bytes).slots);
});

/** Puts other fields into the descriptor, with its lengths, CRCs and fingerprint. */
function withFields(
  bytes: Buffer,
  change: (fields: { name: string; offset: number }[]) => void,
): Buffer {
  const headerBytes = bytes.readUInt32LE(12);
  const descriptor = JSON.parse(bytes.toString('utf8', 64, 64 + bytes.readUInt32LE(40))) as {
    fields: { name: string; offset: number }[];
  };
  change(descriptor.fields);
  const text = JSON.stringify(descriptor).padEnd(headerBytes - 64, ' ');
  assert.equal(text.length, headerBytes - 64, 'the changed table must still fit');
  const preamble = withPreamble(bytes.subarray(0, 64), (header) => {
    header.writeUInt32LE(0x1234, 36);
    header.writeUInt32LE(crc32(text), 44);
  });
  return Buffer.concat([preamble, Buffer.from(text)]);
}

test('a recording whose fields lie elsewhere is refused, by the name of the first', (t) => {
  const bytes = withFields(recordingBytes(t), (fields) => {
    fields[9]!.offset = 17;
  });
  const found = refusal(() => describePart(new MemoryFile(bytes), false));
  assert.equal(found.code, 'ERR_SOCKFLOW_RECORDING_SCHEMA');
  assert.match(found.message, /field 'ts_boot_ns'/);
});

test('a recording that lacks fields of this version, or has others, is read', (t) => {
  const bytes = withFields(recordingBytes(t), (fields) => {
    fields.splice(40, 2);
    fields[41]!.name = 'later';
  });
  assert.equal(describePart(new MemoryFile(bytes), true).blocks.count, 0);
});

/** Puts a frame of an unknown type where the INDEX was, and leaves out what followed. */
function withUnknownFrame(bytes: Buffer, flags: number): Buffer {
  const indexOffset = Number(bytes.readBigUInt64LE(bytes.length - 64));
  const identity = readIdentity(bytes, 16);
  const header = Buffer.alloc(64);
  const body = Buffer.alloc(128, 7);
  const number = bytes.readUInt32LE(indexOffset + 24);
  const fields = {
    type: 77,
    bodyBytes: 128,
    bodyCrc: crc32(body),
    offset: indexOffset,
    number,
    originNumber: 0,
  };
  writeFrameFields(header, fields, identity);
  header.writeUInt16LE(flags, 6);
  sealHeader(header);
  return Buffer.concat([bytes.subarray(0, indexOffset), header, body]);
}

test('an unknown frame is skipped where it says so, and refused where not', (t) => {
  const bytes = recordingBytes(t);
  const whole = takePart(bytes);
  const skippable = takePart(withUnknownFrame(bytes, 1), true);
  assert.deepEqual(skippable.slots, whole.slots);
  assert.deepEqual(skippable.part.damage, []);
  const found = refusal(() => takePart(withUnknownFrame(bytes, 0)));
  assert.equal(found.code, 'ERR_SOCKFLOW_RECORDING_VERSION');
  assert.match(found.message, /type 77 at byte \d+/);
});

test('a block that is compressed in an unknown way is lost, and named', (t) => {
  const bytes = recordingBytes(t);
  const { blocks } = takePart(bytes).part;
  const at = blocks.frameOffset(1);
  bytes.writeUInt32LE(9, at + 60);
  bytes.writeUInt32LE(crc32(bytes.subarray(at, at + 828)), at + 828);
  const scanned = bytes.subarray(0, bytes.length - 128);
  const take = takePart(scanned);
  assert.equal(take.part.damage[0]?.kind, 'compression');
  assert.equal(take.part.damage[0].events, 5);
  assert.equal(take.slots.length, 5);
  assert.equal(slotTexts(randomSlots({ count: 5, seed: 1 })).length, 5);
});
