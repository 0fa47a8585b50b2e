import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { useTempDir } from '@sockflow/test-support';

import { MemoryFile } from '../memory-file.test.support.ts';
import { ORIGIN_A, randomSlots } from '../random-slots.test.support.ts';
import { replayAll } from '../replay-all.test.support.ts';
import { RecordingWriter } from '../writer/recording-writer.ts';
import { describePart } from './open-part.ts';

const BLOCKS = 120;
const BLOCK_US = 1_000_000;

/** A block for each second. */
function write(t: TestContext): string {
  const path = join(useTempDir(t), 'out.sfrec');
  const writer = RecordingWriter.create(path);
  for (let block = 0; block < BLOCKS; block++) {
    const slots = randomSlots({ count: 250, seed: block, startUs: 1000 + block * BLOCK_US });
    writer.appendSlots(slots.memory, 0, slots.endWord, ORIGIN_A);
    writer.flush();
  }
  writer.close();
  return path;
}

/** Notes what is read of it. */
class WatchedFile extends MemoryFile {
  readonly reads: { readonly start: number; readonly end: number }[] = [];

  override read(into: Uint8Array, position: number): number {
    const got = super.read(into, position);
    this.reads.push({ start: position, end: position + got });
    return got;
  }

  get bytesRead(): number {
    return this.reads.reduce((sum, { start, end }) => sum + end - start, 0);
  }
}

test('opening reads the index and no block', (t) => {
  const file = new WatchedFile(readFileSync(write(t)));
  const { blocks, hasIndex } = describePart(file, false);
  assert.deepEqual([blocks.count, hasIndex], [BLOCKS, true]);
  const headersBytes = BLOCKS * 832;
  // Besides: the file header, copies of the origin, the trailer.
  assert.ok(file.bytesRead < headersBytes + 32_768, `${file.bytesRead}`);
  for (let row = 0; row < blocks.count; row++) {
    const start = blocks.payloadOffset(row) + 1024;
    const end = blocks.payloadOffset(row) + blocks.payloadBytes(row) - 1024;
    const read = file.reads.find((one) => one.start < end && one.end > start);
    assert.equal(read, undefined, `block ${row}`);
  }
});

test('without an index it goes from header to header', (t) => {
  const whole = readFileSync(write(t));
  const file = new WatchedFile(whole.subarray(0, whole.length - 128));
  const { blocks, hasIndex } = describePart(file, true);
  assert.deepEqual([blocks.count, hasIndex], [BLOCKS, false]);
  assert.ok(file.bytesRead < (BLOCKS + 10) * 1024 + 32_768, `${file.bytesRead}`);
});

test('a time in the middle reads the blocks of that time', async (t) => {
  const path = write(t);
  const startNs = BigInt(1000 + 60 * BLOCK_US) * 1000n;
  const plans = [[{ type: 'time', startNs, endNs: startNs + 2_000_000_000n }] as const];
  for (const lanes of [1, 2]) {
    const take = await replayAll(path, { lanes, plans });
    const bytesRead = take.lanes.map(({ counters }) => counters.bytesRead);
    assert.deepEqual(
      bytesRead,
      bytesRead.map(() => 2 * 250 * 256),
    );
  }
});
