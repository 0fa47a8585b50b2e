import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { ndjson } from '../encodings/ndjson/ndjson.ts';
import type { ByteTarget } from './byte-target.ts';
import { EncodedWriter } from './encoded-writer.ts';

/** A target that takes at most so many bytes a write, and refuses beyond a total. */
class TestTarget implements ByteTarget {
  readonly maxWriteBytes: number;
  readonly writes: string[];
  readonly #bytesAtOnce: number;
  #roomBytes: number;
  content: string;
  isComplete: boolean | undefined;

  constructor(maxWriteBytes: number, bytesAtOnce: number, roomBytes: number) {
    this.maxWriteBytes = maxWriteBytes;
    this.writes = [];
    this.#bytesAtOnce = bytesAtOnce;
    this.#roomBytes = roomBytes;
    this.content = '';
    this.isComplete = undefined;
  }

  async write(bytes: Uint8Array, start: number, end: number): Promise<number> {
    const count = Math.min(end - start, this.#bytesAtOnce, this.#roomBytes);
    await Promise.resolve();
    if (count === 0) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
    this.#roomBytes -= count;
    const text = Buffer.from(bytes.subarray(start, start + count)).toString();
    this.writes.push(text);
    this.content += text;
    return count;
  }

  takeBack(bytes: number): void {
    this.content = this.content.slice(0, this.content.length - bytes);
  }

  async close(isComplete: boolean): Promise<void> {
    this.isComplete = isComplete;
  }
}

function writerTo(target: ByteTarget): EncodedWriter {
  return new EncodedWriter(ndjson().createEncoder(), target, {
    sinkName: 'test',
    accepts: 'both',
    location: 'a test',
    flushAfterMs: 1000,
  });
}

const values = fc.array(fc.string({ unit: 'grapheme-ascii', maxLength: 30 }), { maxLength: 40 });

test('whatever a target takes at once, everything arrives in order and is acknowledged', async () => {
  await fc.assert(
    fc.asyncProperty(values, fc.integer({ min: 1, max: 50 }), async (texts, bytesAtOnce) => {
      const target = new TestTarget(Number.MAX_SAFE_INTEGER, bytesAtOnce, Infinity);
      const writer = writerTo(target);
      for (const text of texts) await writer.write(text);
      await writer.flush();
      assert.equal(writer.acknowledged, texts.length);
      const report = await writer.close();
      assert.equal(target.content, texts.map((text) => `${JSON.stringify(text)}\n`).join(''));
      assert.equal(report.bytesWritten, target.content.length);
      assert.equal(target.isComplete, true);
    }),
    { numRuns: 200 },
  );
});

test('wherever a target refuses, what stays are the whole items that were acknowledged, and nothing is counted twice', async () => {
  await fc.assert(
    fc.asyncProperty(
      values.filter((texts) => texts.length > 0),
      fc.integer({ min: 1, max: 50 }),
      fc.nat({ max: 400 }),
      async (texts, bytesAtOnce, roomBytes) => {
        const lines = texts.map((text) => `${JSON.stringify(text)}\n`);
        fc.pre(lines.join('').length > roomBytes);
        const target = new TestTarget(Number.MAX_SAFE_INTEGER, bytesAtOnce, roomBytes);
        const writer = writerTo(target);
        for (const text of texts) await writer.write(text);
        await assert.rejects(async () => writer.flush(), { code: 'ENOSPC' });
        const report = await writer.close();
        assert.equal(target.content, lines.slice(0, writer.acknowledged).join(''));
        assert.ok(target.content.length + (lines[writer.acknowledged] ?? '').length > roomBytes);
        assert.equal(writer.acknowledged + writer.failed, texts.length);
        assert.equal(report.bytesWritten, target.content.length);
        assert.equal(target.isComplete, false);
      },
    ),
    { numRuns: 200 },
  );
});

test('nothing has failed while a close still writes, and whoever closes again waits for it too', async () => {
  const target = new TestTarget(Number.MAX_SAFE_INTEGER, 1, Infinity);
  const writer = writerTo(target);
  for (let value = 0; value < 10; value++) await writer.write(value);
  const closing = writer.close();
  assert.equal(writer.failed, 0);
  const report = await writer.close();
  assert.deepEqual([report.bytesWritten, writer.acknowledged, writer.failed], [20, 10, 0]);
  assert.equal(await closing, report);
});

test('where lanes share a target each write is whole items, as many as fit', async () => {
  const target = new TestTarget(20, Infinity, Infinity);
  const writer = writerTo(target);
  const texts = ['12345', '12345', '1234567890123456789012345', '1', '2', '3', '4', '5'];
  for (const text of texts) await writer.write(text);
  await writer.close();
  assert.deepEqual(target.writes, [
    '"12345"\n"12345"\n',
    '"1234567890123456789012345"\n',
    '"1"\n"2"\n"3"\n"4"\n"5"\n',
  ]);
});

test('a failure is told by the flush and by every write after it, and not again by the close', async () => {
  const target = new TestTarget(Number.MAX_SAFE_INTEGER, Infinity, 10);
  const writer = writerTo(target);
  await writer.write('x'.repeat(300_000));
  const flushed = writer.flush();
  await assert.rejects(flushed, { code: 'ENOSPC' });
  assert.throws(() => writer.write('more'), { code: 'ENOSPC' });
  await writer.close();
  assert.deepEqual([writer.acknowledged, writer.failed], [0, 2]);
});

test('memory stays bounded: a writer that is waited for recycles its chunks', async () => {
  let writtenBytes = 0;
  const writer = writerTo({
    maxWriteBytes: Number.MAX_SAFE_INTEGER,
    write: async (_bytes, start, end) => {
      writtenBytes += end - start;
      await Promise.resolve();
      return end - start;
    },
    takeBack: () => {},
    close: async () => {},
  });
  const text = 'x'.repeat(100_000);
  for (let index = 0; index < 20; index++) await writer.write(text);
  const before = process.memoryUsage().arrayBuffers;
  for (let index = 0; index < 500; index++) await writer.write(text);
  const moreBytes = process.memoryUsage().arrayBuffers - before;
  assert.ok(writtenBytes > 40_000_000);
  assert.ok(moreBytes < 4 * 1024 * 1024, `${moreBytes} bytes more`);
  await writer.close();
});

test('more than can wait holds the lane back until it is written', async () => {
  const target = new TestTarget(Number.MAX_SAFE_INTEGER, Infinity, Infinity);
  const writer = writerTo(target);
  const big = 'x'.repeat(600_000);
  assert.equal(writer.write(big), undefined);
  void writer.write(big);
  const held = writer.write(big);
  assert.ok(held instanceof Promise);
  assert.equal(target.content, '');
  await held;
  assert.ok(target.content.length >= 1_200_000);
  await writer.close();
  assert.equal(writer.acknowledged, 3);
});

test('a target that can is written at once; when it lags, in the background', async () => {
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  const calls: string[] = [];
  let lagMs = 0;
  const writer = writerTo({
    maxWriteBytes: Number.MAX_SAFE_INTEGER,
    write: async (_bytes, start, end) => {
      calls.push('background');
      return end - start;
    },
    writeNow: (_bytes, start, end) => {
      calls.push('at once');
      Atomics.wait(sleeper, 0, 0, lagMs);
      return end - start;
    },
    takeBack: () => {},
    close: async () => {},
  });
  const big = 'x'.repeat(300_000);
  await writer.write(big);
  await writer.write(big);
  assert.equal(writer.acknowledged, 1);
  lagMs = 20;
  await writer.write(big);
  await writer.write(big);
  await writer.flush();
  assert.deepEqual(calls, ['at once', 'at once', 'background', 'background']);
  await writer.close();
  assert.equal(writer.acknowledged, 4);
});
