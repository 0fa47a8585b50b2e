import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  formatAmount,
  formatBytes,
  formatCount,
  formatDurationUs,
  formatShare,
  formatShort,
  formatWallNs,
} from './format.ts';

test('counts have separators and their unit agrees with them', () => {
  assert.equal(formatCount(1234567), '1,234,567');
  assert.equal(formatAmount(1, 'event'), '1 event');
  assert.equal(formatAmount(0n, 'event'), '0 events');
});

test('sizes and rates have three digits and a unit', () => {
  assert.equal(formatBytes(0), '0 B');
  assert.equal(formatBytes(1023), '1023 B');
  assert.equal(formatBytes(1536), '1.50 KiB');
  assert.equal(formatBytes(2 ** 40 * 5000), '5000 TiB');
  assert.equal(formatShort(950), '950');
  assert.equal(formatShort(12_345_678), '12.3 M');
});

test('durations are in the unit that suits them', () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, '0 us'],
    [312, '312 us'],
    [4_200, '4.2 ms'],
    [96_000, '96 ms'],
    [1_680_000, '1.68 s'],
    [59_900_000, '59.9 s'],
    [192_000_000, '3 min 12 s'],
    [7_500_000_000, '2 h 5 min'],
    [200_000_000_000, '2 d 7 h'],
  ];
  for (const [us, text] of cases) assert.equal(formatDurationUs(us), text);
});

test('what is there is never shown as nothing', () => {
  assert.equal(formatShare(1, 1_000_000), '< 0.1 %');
  assert.equal(formatShare(0, 10), '0.0 %');
  assert.equal(formatShare(1, 3), '33.3 %');
  assert.equal(formatShare(0, 0), '–');
});

test('wall time is UTC to the ms', () => {
  assert.equal(formatWallNs(1_700_000_000_123_456_789n, 'utc'), '2023-11-14 22:13:20.123Z');
});
