import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import * as zlib from 'node:zlib';

import { SlotMemory, writeContextEvent } from '@sockflow/core';
import { openRecording } from '@sockflow/source-replay';
import { useTempDir } from '@sockflow/test-support';

import { batchOf } from '../batch-of.test.support.ts';
import { recording } from '../encodings/recording/recording.ts';
import { loadSink } from '../load-sink.ts';
import { type Compression, uncompressedName } from './compression.ts';
import { file } from './file.ts';

const ONE_LANE = { lane: 0, lanes: 1 };
const LISTEN = {
  op: 11,
  family: 2,
  is_fullsock: 1,
  state: 10,
  local_port: 443,
  remote_port: 0,
  cookie: 1n,
} as const;
const { zstdDecompressSync } = zlib as { zstdDecompressSync?: (bytes: Buffer) => Buffer };
const KINDS: readonly Compression[] =
  zstdDecompressSync === undefined ? ['gzip'] : ['gzip', 'zstd'];

function unpacked(path: string): string {
  const bytes = readFileSync(path);
  if (path.includes('.zst')) return String(zstdDecompressSync?.(bytes));
  const finishFlush = path.endsWith('.part') ? zlib.constants.Z_SYNC_FLUSH : undefined;
  return String(zlib.gunzipSync(bytes, finishFlush === undefined ? {} : { finishFlush }));
}

/** Lines that compress about as badly as events do. */
function line(index: number): string {
  return `${index} ${Math.imul(index, 2654435761) >>> 0} ${'tcp '.repeat(10)}`;
}

for (const compress of KINDS) {
  test(`${compress}: each part is whole by itself, about as large as asked for, and together they are all`, async (t) => {
    const dir = useTempDir(t);
    const sink = file(join(dir, 'out.ndjson'), { compress, rotateBytes: 100_000 });
    await sink.prepare?.({ lanes: 1 });
    const writer = await sink.open(ONE_LANE);
    for (let index = 0; index < 200_000; index++) await writer.write(line(index));
    await writer.flush();
    assert.equal(writer.acknowledged, 200_000);
    const { bytesWritten } = await writer.close();
    const parts = readdirSync(dir).toSorted();
    assert.ok(parts.length > 5, `${parts.length} parts`);
    assert.ok(parts.every((name) => /^out\.\d{8}T\d{6}\.\d{3}Z\.ndjson\.(gz|zst)$/.test(name)));
    const paths = parts.map((name) => join(dir, name));
    const text = paths.map((path) => unpacked(path)).join('');
    const expected = Array.from(
      { length: 200_000 },
      (_, index) => `${JSON.stringify(line(index))}\n`,
    );
    assert.ok(text === expected.join(''), 'all lines in order');
    const sizes = paths.map((path) => statSync(path).size);
    assert.ok(
      sizes.every((size) => size < 250_000),
      String(sizes),
    );
    assert.equal(
      bytesWritten,
      sizes.reduce((sum, size) => sum + size, 0),
    );
  });
}

test('what was flushed can be read from the part that is written, and from one that is not complete', async (t) => {
  const dir = useTempDir(t);
  const path = join(dir, 'out.ndjson.gz');
  const writer = await file(path).open(ONE_LANE);
  await writer.write('one');
  assert.equal(writer.acknowledged, 0);
  await writer.flush();
  assert.equal(writer.acknowledged, 1);
  assert.equal(unpacked(`${path}.part`), '"one"\n');
  await writer.write('two');
  const report = await writer.close({ isComplete: false });
  assert.deepEqual(report, {
    location: `${path}.part`,
    bytesWritten: statSync(`${path}.part`).size,
  });
  assert.equal(String(zlib.gunzipSync(readFileSync(`${path}.part`))), '"one"\n"two"\n');
});

test('a name says the compression, and gets its ending where an option says it', async (t) => {
  const dir = useTempDir(t);
  const cases = [
    ['a.ndjson.gz', undefined, 'a.ndjson.gz'],
    ['b.ndjson.gz', 'gzip', 'b.ndjson.gz'],
    ['c.ndjson', 'gzip', 'c.ndjson.gz'],
  ] as const;
  for (const [name, compress, expected] of cases) {
    const sink = file(join(dir, name), compress === undefined ? {} : { compress });
    assert.equal(sink.target, join(dir, expected));
    for (const lane of [0, 1]) {
      const writer = await sink.open({ lane, lanes: 2 });
      await writer.write(lane);
      await writer.close();
      const part = join(dir, `${name[0]}.${lane}.ndjson.gz`);
      assert.equal(unpacked(part), `${lane}\n`);
    }
  }
  assert.equal(uncompressedName('a.ndjson.zst'), 'a.ndjson');
});

test('a name that ends in .zst is compressed by zstd where Node has it, else refused with what to do', async (t) => {
  const path = join(useTempDir(t), 'a.csv.zst');
  if (zstdDecompressSync === undefined) {
    const code = 'ERR_SOCKFLOW_INVALID_OPTION';
    await assert.rejects(loadSink(path), { code, message: /22\.15/, remedy: /gzip/ });
    return;
  }
  const sink = await loadSink(`${path}?encoding=ndjson`);
  await sink.prepare?.(ONE_LANE);
  const writer = await sink.open(ONE_LANE);
  for (const value of ['one', 'two']) await writer.write(value);
  await writer.flush();
  await writer.close({ isComplete: true });
  assert.equal(unpacked(path), '"one"\n"two"\n');
});

for (const compress of ['lz4', 'zstd'] as const) {
  test(`${compress}: the blocks of a recording are compressed, under its own name, in each part of a series too`, async (t) => {
    const dir = useTempDir(t);
    const memory = SlotMemory.allocate(8 * 256);
    const words = Array.from({ length: 8 }, (_, index) => index * 64);
    for (const word of words) {
      writeContextEvent(memory, word, { ...LISTEN, ts_boot_ns: BigInt(word) });
    }
    const batch = batchOf(memory, words);
    const level = compress === 'zstd' ? '&level=9' : '';
    for (const text of [
      `out.sfrec?compress=${compress}${level}`,
      `s.{n}.sfrec?compress=${compress}`,
    ]) {
      const sink = await loadSink(`file:${join(dir, text)}`);
      await sink.prepare?.(ONE_LANE);
      const writer = await sink.open(ONE_LANE);
      await writer.write(batch);
      await writer.flush();
      await writer.close({ isComplete: true });
    }
    const names = readdirSync(dir);
    assert.deepEqual(names.toSorted(), ['out.sfrec', 's.000001.sfrec']);
    for (const name of names) {
      const { events, damage, parts } = openRecording(join(dir, name));
      assert.deepEqual([events, damage], [8, []]);
      assert.equal(parts[0]?.blocks.compression(0), compress === 'lz4' ? 1 : 2);
    }
  });
}

test('what cannot be compressed, and a compression that is not there, is refused', () => {
  const code = 'ERR_SOCKFLOW_INVALID_OPTION';
  assert.throws(() => file('out.sfrec', { compress: 'gzip' }), {
    code: 'ERR_SOCKFLOW_UNKNOWN_NAME',
    message: /compression of a recording 'gzip'/,
  });
  assert.throws(() => file('out.bin', { compress: 'zstd', encoding: recording() }), { code });
  assert.throws(() => file('out.sfrec.gz'), { code, message: /index/ });
  assert.throws(() => file('-', { compress: 'gzip' }), { code, message: /pipe it to gzip/ });
  assert.throws(() => file('out.ndjson', { compress: 'gzp' as 'gzip' }), {
    code: 'ERR_SOCKFLOW_UNKNOWN_NAME',
    remedy: /Did you mean 'gzip'/,
  });
  assert.throws(() => file('out.ndjson', { level: 3 }), {
    code,
    message: /'level' is of recordings/,
  });
  if (zstdDecompressSync !== undefined) return;
  assert.throws(() => file('out.ndjson.zst'), { code, message: /22\.15/, remedy: /gzip/ });
});
