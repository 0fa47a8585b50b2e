import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

import { requireTool } from '@sockflow/test-support';

import { loadZstdCompress } from './libraries.ts';
import { zstdContentBound, zstdWindowBytes } from './zstd-frame.ts';

/** As RFC 8878 has them: descriptor, window or size, then one raw block of `bytes`. */
function frameOf(start: readonly number[], bytes: number): Buffer {
  const header = Buffer.alloc(3);
  header.writeUIntLE(1 | (bytes << 3), 0, 3);
  return Buffer.concat([
    Buffer.from([0x28, 0xb5, 0x2f, 0xfd, ...start]),
    header,
    Buffer.alloc(bytes, 7),
  ]);
}

test('reads the window that a frame asks for, of every form of its header', () => {
  const cases: [start: number[], windowBytes: number][] = [
    [[0x00, 0x00], 1 << 10],
    [[0x00, 0x58], 1 << 21],
    [[0x00, 0x5b], (1 << 21) + 3 * (1 << 18)],
    [[0x00, 0xff], 2 ** 41 + 7 * 2 ** 38],
    [[0x20, 200], 200],
    [[0x60, 0x10, 0x27], 10_256],
    [[0xa0, 0x40, 0x42, 0x0f, 0x00], 1_000_000],
    [[0xe0, 0, 0, 0, 0, 1, 0, 0, 0], 2 ** 32],
    [[0x23, 1, 2, 3, 4, 99], 99],
    [[0x42, 0x08, 1, 2, 3, 4], 1 << 11],
  ];
  for (const [start, windowBytes] of cases) {
    const frame = frameOf(start, 60);
    assert.equal(zstdWindowBytes(frame), windowBytes, start.join());
    assert.equal(zstdContentBound(frame), 60, start.join());
    assert.equal(zstdContentBound(frame.subarray(0, -1)), Infinity, 'cut');
    assert.equal(zstdContentBound(Buffer.concat([frame, frame])), Infinity, 'one after the other');
  }
  assert.equal(zstdWindowBytes(Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xe0, 1])), undefined);
  assert.equal(zstdWindowBytes(Buffer.alloc(64, 0x28)), undefined);
});

test('the bound is never below what a frame holds', () => {
  for (const level of [1, 3, 19]) {
    const compress = loadZstdCompress(level);
    for (const bytes of [0, 1, 1000, 131_072, 131_073, 700_000]) {
      const payload = Buffer.alloc(bytes);
      for (let at = 0; at < bytes; at++) payload[at] = Math.imul(at, at) >>> 7;
      const frame = Buffer.from(compress(payload));
      const bound = zstdContentBound(frame);
      assert.ok(bound >= bytes && bound < Infinity, `${level}, ${bytes}: ${bound}`);
      assert.ok((zstdWindowBytes(frame) ?? Infinity) <= 16 << 20, 'a window that readers take');
    }
  }
});

test("a frame with zstd's own checksum is one frame too", (t) => {
  if (!requireTool(t, 'zstd')) return;
  const frame = execFileSync('zstd', ['-c', '--check'], { input: Buffer.alloc(5000, 1) });
  assert.ok(zstdContentBound(frame) >= 5000 && zstdContentBound(frame) < Infinity);
});
