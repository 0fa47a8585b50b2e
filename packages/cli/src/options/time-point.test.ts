import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseTimePoint, resolveTimePoint, type TimeBase } from './time-point.ts';

const BASE: TimeBase = {
  firstNs: 1000n,
  clock: { bootNs: 500n, realtimeNs: 1_700_000_000_000_000_000n },
  originCount: 1,
};
const INVALID = { code: 'ERR_SOCKFLOW_INVALID_OPTION' };

function resolve(text: string, base: TimeBase = BASE): bigint {
  return resolveTimePoint('--from', parseTimePoint('--from', text), base);
}

test('a duration counts from the first event', () => {
  assert.equal(resolve('2us'), 3000n);
  assert.equal(resolve('1.5s'), 1_500_001_000n);
});

test('a bare number is ns since boot, as the events have it', () => {
  assert.equal(resolve('4824048839939'), 4_824_048_839_939n);
});

test('a date is placed by the clock of the origin', () => {
  assert.equal(resolve('2023-11-14T22:13:20Z'), 500n);
  assert.equal(resolve('2023-11-14T22:13:21.5Z'), 1_500_000_500n);
});

test('a date is refused where the wall clock is not known', () => {
  assert.throws(() => resolve('2023-11-14', { ...BASE, clock: undefined }), INVALID);
});

test('a time is refused where several boots would each have one', () => {
  assert.throws(() => resolve('10s', { ...BASE, originCount: 2 }), INVALID);
});

test('what is no time is refused', () => {
  for (const text of ['', 'noon', '10 parsecs', '2026-99-99', '-5s']) {
    assert.throws(() => resolve(text), INVALID, text);
  }
});
