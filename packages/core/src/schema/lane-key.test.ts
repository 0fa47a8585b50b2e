import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { LANE_BUCKETS, laneKey, laneOf } from './lane-key.ts';

/** Part of the format: docs/specs/record-layout.md has the same list. */
const VECTORS: readonly (readonly [cookie: bigint, key: number])[] = [
  [0n, 0x00000000],
  [1n, 0x514e28b7],
  [2n, 0x30f4c306],
  [4097n, 0x0bc3829b],
  [0xffffffffn, 0x81f16f39],
  [1n << 32n, 0x11fd02eb],
  [0x123456789abcdef0n, 0x32981531],
  [0xffffffffffffffffn, 0xb19fea7c],
];

function keyOf(cookie: bigint): number {
  return laneKey(Number(BigInt.asUintN(32, cookie)), Number(cookie >> 32n));
}

for (const [cookie, key] of VECTORS) {
  test(`the lane key of cookie 0x${cookie.toString(16)} is 0x${key.toString(16).padStart(8, '0')}`, () => {
    assert.equal(keyOf(cookie), key);
  });
}

test('the specification has the same vectors', () => {
  const page = new URL('../../../../docs/specs/record-layout.md', import.meta.url);
  const rows = readFileSync(page, 'utf8').matchAll(/^\| (0x[0-9a-f]+) \| (0x[0-9a-f]{8}) \|$/gm);
  assert.deepEqual(
    [...rows].map(([, cookie, key]) => [BigInt(cookie!), Number(key)]),
    VECTORS,
  );
});

/** Whether counts of `total` things in equal boxes look even: chi-squared within 6 standard deviations of its mean. */
function assertEven(counts: readonly number[], total: number): void {
  const expected = total / counts.length;
  const chi = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  const freedom = counts.length - 1;
  assert.ok(Math.abs(chi - freedom) < 6 * Math.sqrt(2 * freedom), `chi-squared ${chi}`);
}

test('cookies as kernels hand them out fall evenly into buckets and samples', () => {
  const buckets = Array.from({ length: LANE_BUCKETS }, () => 0);
  const samples = Array.from({ length: 64 }, () => 0);
  let total = 0;
  // Each CPU takes 4096 at a time and counts up.
  for (let batch = 0; batch < 16; batch++) {
    for (let cookie = batch * 4096 + 1; cookie <= batch * 4096 + 2000; cookie++) {
      const key = laneKey(cookie, 0);
      buckets[key & 63]!++;
      samples[key >>> 26]!++;
      total++;
    }
  }
  assertEven(buckets, total);
  assertEven(samples, total);
});

test('the lane and the sample of a cookie tell nothing of each other', () => {
  const counts = Array.from({ length: 256 }, () => 0);
  for (let cookie = 1; cookie <= 65536; cookie++) {
    const key = laneKey(cookie, 0);
    counts[((key & 15) << 4) | (key >>> 28)]!++;
  }
  assertEven(counts, 65536);
});

test('the upper half of a cookie matters', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 0xffffffff }),
      fc.integer({ min: 1, max: 0xffffffff }),
      (low, high) => {
        assert.notEqual(laneKey(low, high), laneKey(low, 0));
      },
    ),
  );
});

test('a key’s lane is one of those there are', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 0xffffffff }),
      fc.integer({ min: 1, max: 64 }),
      (key, lanes) => {
        assert.equal(laneOf(key, lanes), (key % 64) % lanes);
      },
    ),
  );
});
