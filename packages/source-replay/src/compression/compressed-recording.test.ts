import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';

import { isSockflowError } from '@sockflow/core';
import { requireNode24, useTempDir } from '@sockflow/test-support';
import * as fc from 'fast-check';

import { COMPRESSION_LZ4, COMPRESSION_ZSTD } from '../format/layout.ts';
import { takePart } from '../memory-file.test.support.ts';
import {
  isMarkerAt,
  ORIGIN_A,
  ORIGIN_B,
  randomFrom,
  type RandomSlots,
  randomSlots,
  selectionOf,
  slotHex,
} from '../random-slots.test.support.ts';
import { describeDamage } from '../reader/damage.ts';
import { openRecording } from '../reader/open-recording.ts';
import { replayAll } from '../replay-all.test.support.ts';
import { scanRecording } from '../scan-recording.ts';
import { prepareRecording } from '../writer/prepare-recording.ts';
import { RecordingWriter } from '../writer/recording-writer.ts';
import type { BlockCompression, CompressionOptions } from './compression-options.ts';

const COMPRESSED = ['lz4', 'zstd'] as const;

/** Blocks of slots that compress, of two origins, with markers, and one slot that does not. */
function smallRecording(path: string, options: CompressionOptions): Buffer {
  const writer = RecordingWriter.create(path, {
    recordingId: '00112233445566778899aabbccddeeff',
    ...options,
  });
  for (const [seed, origin] of [ORIGIN_A, ORIGIN_B, ORIGIN_A].entries()) {
    const slots =
      seed === 2
        ? incompressibleSlot()
        : randomSlots({ count: 6, seed, markerEvery: 4, longEvery: 3, values: 2 });
    writer.appendSlots(slots.memory, 0, slots.endWord, origin);
    writer.flush();
  }
  writer.close();
  return readFileSync(path);
}

/** Chance in every byte but the length and the kind. */
function incompressibleSlot(): RandomSlots {
  const slots = randomSlots({ count: 1, seed: 2 });
  const random = randomFrom(7);
  const { u8, u32 } = slots.memory;
  for (let at = 4; at < 256; at++) u8[at] = random(256);
  u32[2] = 1;
  return slots;
}

/** Where the blocks lie: the rest is what it is without compression, and is tested there. */
function blockBytes(bytes: Buffer): { start: number; end: number } {
  const { blocks } = takePart(bytes).part;
  const last = blocks.count - 1;
  return { start: blocks.frameOffset(0), end: blocks.payloadOffset(last) + blocks.bodyBytes(last) };
}

function compressionsOf(bytes: Buffer): number[] {
  const { blocks } = takePart(bytes).part;
  return Array.from({ length: blocks.count }, (_, row) => blocks.compression(row));
}

/** Writes another body for a block, with lengths and checksums that are right for it. */
function withBody(bytes: Buffer, row: number, stored: Uint8Array, compression: number): Buffer {
  const { blocks } = takePart(bytes).part;
  const at = blocks.frameOffset(row);
  const bodyBytes = Math.ceil(stored.length / 64) * 64;
  const header = Buffer.from(bytes.subarray(at, at + 832));
  const body = Buffer.alloc(bodyBytes);
  body.set(stored);
  header.writeUInt32LE(bodyBytes, 12);
  header.writeUInt32LE(crc32(body), 28);
  header.writeUInt32LE(compression, 60);
  header.writeUInt32LE(stored.length, 100);
  header.writeUInt32LE(crc32(header.subarray(0, 828)), 828);
  // Nothing follows: what did would state another place.
  return Buffer.concat([bytes.subarray(0, at), header, body]);
}

test('gives back every slot, whatever the compression, groups and selections', async (t) => {
  const path = join(useTempDir(t), 'out.sfrec');
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        compression: fc.constantFrom<BlockCompression>('none', ...COMPRESSED),
        level: fc.constantFrom(undefined, 1, 9),
        laneGroups: fc.constantFrom(1, 4),
        count: fc.nat(600),
        values: fc.constantFrom(1, 2, 1000, 0x100000000),
        keepOneIn: fc.constantFrom(1, 3),
        seed: fc.nat(),
      }),
      async ({ compression, level, laneGroups, count, values, keepOneIn, seed }) => {
        const slots = randomSlots({ count, seed, values, markerEvery: 50, longEvery: 5 });
        const keep = (_: number, index: number): boolean => index % keepOneIn === 0;
        const writer = RecordingWriter.create(path, {
          blockBytes: 64 << 10,
          laneGroups,
          compression,
          ...(compression === 'zstd' && level !== undefined ? { level } : {}),
        });
        writer.appendSelection(selectionOf(slots, ORIGIN_A, keep));
        writer.close();
        const { lanes, closeError } = await replayAll(path);
        assert.equal(closeError, undefined);
        const kept = slots.words.filter(
          (word, index) => isMarkerAt(slots.memory, word) || keep(word, index),
        );
        const expected = kept.map((word) => `boot-a:${slotHex(slots.memory, word)}`);
        const given = lanes[0]!.stream;
        // With groups, order across connections is that of the windows.
        if (laneGroups === 1) assert.deepEqual(given, expected);
        else assert.deepEqual(given.toSorted(), expected.toSorted());
      },
    ),
    { numRuns: 40 },
  );
});

for (const compression of COMPRESSED) {
  const number = compression === 'lz4' ? COMPRESSION_LZ4 : COMPRESSION_ZSTD;

  test(`${compression}: blocks that get smaller say so, others are stored as they are, and the version tells`, (t) => {
    const directory = useTempDir(t);
    const plain = smallRecording(join(directory, 'plain.sfrec'), {});
    const bytes = smallRecording(join(directory, 'out.sfrec'), { compression });
    assert.deepEqual(compressionsOf(bytes), [number, number, 0]);
    assert.deepEqual(takePart(bytes).slots, takePart(plain).slots);
    assert.ok(bytes.length < plain.length);
    assert.deepEqual([plain.readUInt16LE(10), bytes.readUInt16LE(10)], [0, 1]);
  });

  test(`${compression}: several lanes write and read it`, async (t) => {
    const path = join(useTempDir(t), 'out.sfrec');
    prepareRecording(path, { lanes: 2, compression });
    const slots = randomSlots({ count: 400, seed: 5, values: 2 });
    for (const lane of [0, 1]) {
      const writer = RecordingWriter.create(path, {
        lane,
        lanes: 2,
        compression,
        blockBytes: 64 << 10,
      });
      writer.appendSlots(
        slots.memory,
        slots.words[lane * 200]!,
        slots.words[lane * 200 + 200] ?? slots.endWord,
        ORIGIN_A,
      );
      writer.close();
    }
    const { lanes, closeError } = await replayAll(path, { lanes: 3 });
    assert.equal(closeError, undefined);
    const expected = slots.words.map((word) => `boot-a:${slotHex(slots.memory, word)}`);
    assert.deepEqual(lanes.flatMap(({ events }) => events).toSorted(), expected.toSorted());
  });

  test(`${compression}: a file cut at any byte gives every whole block before the cut, and says so`, (t) => {
    const bytes = smallRecording(join(useTempDir(t), 'out.sfrec'), { compression });
    const whole = takePart(bytes);
    const { blocks } = whole.part;
    const { start, end } = blockBytes(bytes);
    for (let cut = start; cut < end; cut++) {
      const take = takePart(bytes.subarray(0, cut));
      let slots = 0;
      for (let row = 0; row < blocks.count; row++) {
        const isWhole = blocks.payloadOffset(row) + blocks.bodyBytes(row) <= cut;
        if (isWhole) slots += blocks.slots(row);
      }
      assert.deepEqual(take.slots, whole.slots.slice(0, slots), `cut at ${cut}`);
      assert.equal(take.part.damage.length, 1, `cut at ${cut}`);
    }
  });

  test(`${compression}: a flipped bit anywhere is found or harmless, never a wrong event`, (t) => {
    const bytes = smallRecording(join(useTempDir(t), 'out.sfrec'), { compression });
    const whole = takePart(bytes);
    const all = new Set(whole.slots);
    const { start, end } = blockBytes(bytes);
    for (let at = start; at < end; at++) {
      const flipped = 1 << ((at * 5) % 8);
      bytes[at]! ^= flipped;
      const { part, slots, badBlocks } = takePart(bytes);
      bytes[at]! ^= flipped;
      assert.ok(
        slots.every((slot) => all.has(slot)),
        `a wrong slot with a flip at ${at}`,
      );
      if (slots.length === whole.slots.length) continue;
      const losses = part.damage.filter(({ events }) => events !== 0).length + badBlocks;
      assert.equal(losses, 1, `flip at ${at}`);
    }
  });

  test(`${compression}: a body that decompresses to something else is damage of its own kind, by its count`, async (t) => {
    const path = join(useTempDir(t), 'out.sfrec');
    const bytes = smallRecording(path, { compression });
    const { blocks } = takePart(bytes).part;
    const body = bytes.subarray(
      blocks.payloadOffset(0),
      blocks.payloadOffset(0) + blocks.storedBytes(0),
    );
    const other = bytes.subarray(
      blocks.payloadOffset(1),
      blocks.payloadOffset(1) + blocks.storedBytes(1),
    );
    const bodies: Uint8Array[] = [
      body.subarray(0, body.length - 3),
      Buffer.alloc(200, 0xff),
      Buffer.alloc(200),
      new Uint8Array(0),
      Buffer.concat([body, body]),
    ];
    if (blocks.payloadBytes(0) !== blocks.payloadBytes(1)) bodies.push(other);
    for (const stored of bodies) {
      writeFileSync(path, withBody(bytes, 0, stored, number));
      const { lanes, closeError } = await replayAll(path);
      assert.deepEqual(lanes[0]!.events, []);
      assert.equal(lanes[0]!.counters.bad, blocks.events(0));
      assert.ok(isSockflowError(closeError));
      assert.equal(closeError.code, 'ERR_SOCKFLOW_RECORDING_DAMAGED');
      const said = `does not decompress to what it says: ${blocks.events(0)} event`;
      assert.ok(closeError.message.includes(said), closeError.message);
      const scanned = scanRecording(openRecording(path), () => assert.fail('no slot is whole'));
      assert.ok(
        scanned.some(({ kind, events }) => kind === 'payload' && events === blocks.events(0)),
      );
    }
  });

  test(`${compression}: lengths that cannot be are refused before anything is allocated`, (t) => {
    const bytes = smallRecording(join(useTempDir(t), 'out.sfrec'), { compression });
    const whole = takePart(bytes);
    const at = whole.part.blocks.frameOffset(1);
    const [payloadBytes, storedBytes] = [bytes.readUInt32LE(at + 96), bytes.readUInt32LE(at + 100)];
    for (const [payload, stored] of [
      [(16 << 20) + 64, storedBytes],
      [payloadBytes + 1, storedBytes],
      [payloadBytes, payloadBytes],
      [payloadBytes, storedBytes + 64],
      [0xffffffff, 0xffffffff],
    ] as const) {
      const file = Buffer.from(bytes.subarray(0, bytes.length - 128));
      file.writeUInt32LE(payload, at + 96);
      file.writeUInt32LE(stored, at + 100);
      file.writeUInt32LE(crc32(file.subarray(at, at + 828)), at + 828);
      const { part } = takePart(file);
      const found = part.damage.find(({ kind }) => kind === 'block');
      assert.equal(found?.events, whole.part.blocks.events(1), `${payload}, ${stored}`);
    }
  });
}

/** A frame of zstd whose content is `blocks` times 128 KiB of the same byte, in 4 bytes each; it asks for a window of 2^`windowLog` bytes. */
function zstdBomb(blocks: number, windowLog: number): Buffer {
  const start = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, (windowLog - 10) << 3]);
  const block = Buffer.alloc(4, 0x41);
  const body = Buffer.alloc(blocks * 4);
  for (let index = 0; index < blocks; index++) {
    const isLast = index === blocks - 1 ? 1 : 0;
    block.writeUIntLE(isLast | (1 << 1) | ((128 << 10) << 3), 0, 3);
    body.set(block, index * 4);
  }
  return Buffer.concat([start, body]);
}

/** A block of lz4 whose content is some 255 times as long as it. */
function lz4Bomb(bytes: number): Buffer {
  const block = Buffer.alloc(bytes, 0xff);
  block.set([0x1f, 0x41, 1, 0]);
  block.set([0, 0x50, 1, 2, 3, 4, 5], bytes - 7);
  return block;
}

test('what decompresses to far more than it says costs no memory, and is damage', (t) => {
  const slots = randomSlots({ count: 2000, seed: 3, values: 2 });
  const path = join(useTempDir(t), 'out.sfrec');
  const writer = RecordingWriter.create(path, { compression: 'zstd' });
  writer.appendSlots(slots.memory, 0, slots.endWord, ORIGIN_A);
  writer.close();
  const bytes = readFileSync(path);
  const bombs: [Buffer, number][] = [
    // 10 GiB of content; a window of 1 GiB.
    [zstdBomb(80_000, 17), COMPRESSION_ZSTD],
    [zstdBomb(4, 30), COMPRESSION_ZSTD],
    [lz4Bomb(400_000), COMPRESSION_LZ4],
  ];
  const beforeBytes = process.memoryUsage().rss;
  for (const [bomb, compression] of bombs) {
    const { badBlocks, slots: given } = takePart(withBody(bytes, 0, bomb, compression));
    assert.deepEqual([badBlocks, given], [1, []]);
  }
  const grownMiB = (process.memoryUsage().rss - beforeBytes) / (1 << 20);
  assert.ok(grownMiB < 512, `grew by ${grownMiB} MiB`);
});

test('a block with a number that is not known is lost by its count, and named', (t) => {
  const bytes = smallRecording(join(useTempDir(t), 'out.sfrec'), { compression: 'lz4' });
  const whole = takePart(bytes);
  const at = whole.part.blocks.frameOffset(0);
  bytes.writeUInt32LE(3, at + 60);
  bytes.writeUInt32LE(crc32(bytes.subarray(at, at + 828)), at + 828);
  const { part, slots } = takePart(bytes.subarray(0, bytes.length - 128));
  const [damage] = part.damage;
  assert.deepEqual([damage?.kind, damage?.events], ['compression', whole.part.blocks.events(0)]);
  assert.match(
    describeDamage(damage!),
    /compressed in a way .* cannot read: \d+ events? not read$/,
  );
  assert.deepEqual(slots, whole.slots.slice(whole.part.blocks.slots(0)));
});

test('what this version cannot write is refused before anything is made', (t) => {
  const path = join(useTempDir(t), 'out.sfrec');
  const cases: [object, string, RegExp][] = [
    [{ compression: 'zstandard' }, 'ERR_SOCKFLOW_UNKNOWN_NAME', /'zstandard'/],
    [{ compression: 'lz4', level: 3 }, 'ERR_SOCKFLOW_INVALID_OPTION', /'level' is of zstd/],
    [{ level: 3 }, 'ERR_SOCKFLOW_INVALID_OPTION', /'level' is of zstd/],
    [{ compression: 'zstd', level: 20 }, 'ERR_SOCKFLOW_INVALID_OPTION', /expected 1 to 19/],
    [{ compression: 'zstd', level: 2.5 }, 'ERR_SOCKFLOW_INVALID_OPTION', /expected 1 to 19/],
  ];
  for (const [options, code, message] of cases) {
    for (const make of [
      () => RecordingWriter.create(path, options),
      () => prepareRecording(path, options),
    ]) {
      assert.throws(make, { code, message });
    }
    assert.equal(statSync(`${path}.part`, { throwIfNoEntry: false }), undefined);
  }
});

test('what one Node writes another reads', async (t) => {
  const folder = requireNode24(t);
  if (folder === undefined) return;
  const { execFileSync } = await import('node:child_process');
  const directory = useTempDir(t);
  const index = JSON.stringify(new URL('../index.js', import.meta.url).href);
  const support = JSON.stringify(new URL('../random-slots.test.support.js', import.meta.url).href);
  const script = `
    import { openRecording, RecordingWriter, scanRecording } from ${index};
    import { ORIGIN_A, randomSlots, slotHex } from ${support};
    const [written, read] = process.argv.slice(1);
    const slots = randomSlots({ count: 500, seed: 8, values: 9 });
    const writer = RecordingWriter.create(written, { compression: 'zstd', level: 9 });
    writer.appendSlots(slots.memory, 0, slots.endWord, ORIGIN_A);
    writer.close();
    if (read !== undefined) {
      let same = 0;
      const damage = scanRecording(openRecording(read), (memory, word) => {
        if (slotHex(memory, word) === slotHex(slots.memory, slots.words[same])) same++;
      });
      console.log(JSON.stringify([same, damage.length]));
    }`;
  const run = (node: string, args: string[]): string =>
    execFileSync(node, ['--input-type=module', '--eval', script, ...args], { encoding: 'utf8' });
  const [own, other, third] = ['own', 'other', 'third'].map((name) =>
    join(directory, `${name}.sfrec`),
  );
  run(process.execPath, [own!]);
  assert.equal(run(join(folder, 'node'), [other!, own!]).trim(), '[500,0]');
  assert.equal(run(process.execPath, [third!, other!]).trim(), '[500,0]');
});
