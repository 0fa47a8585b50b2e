import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { RttHistogram } from './rtt-histogram.ts';

const samples = fc.array(fc.integer({ min: 0, max: 2 ** 32 - 1 }), {
  minLength: 1,
  maxLength: 200,
});

const shares = fc.double({ min: 0.01, max: 1, noNaN: true });

function exactQuantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1] ?? 0;
}

test('a quantile of some samples is exact, also when more samples come after it was asked', () => {
  fc.assert(
    fc.property(samples, samples, shares, (values, more, share) => {
      const histogram = new RttHistogram();
      for (const value of values) histogram.add(value);
      assert.equal(histogram.quantileUs(share), exactQuantile(values, share));
      for (const value of more) histogram.add(value);
      assert.equal(histogram.quantileUs(share), exactQuantile([...values, ...more], share));
      assert.equal(histogram.isExact, true);
    }),
  );
});

test('a quantile of very many samples says that it is not exact, is not below the exact one and at most 1.6 % above it', () => {
  const values: number[] = [];
  for (let seed = 1; values.length <= 100_000; seed = (seed * 48_271) % 2_147_483_647) {
    values.push(Math.floor(2 ** (32 * (seed / 2_147_483_647))));
  }
  const histogram = new RttHistogram();
  for (const value of values) histogram.add(value);
  assert.equal(histogram.isExact, false);
  for (const share of [0.001, 0.1, 0.5, 0.9, 0.99, 1]) {
    const exact = exactQuantile(values, share);
    const quantile = histogram.quantileUs(share) ?? -1;
    assert.ok(quantile >= exact, `${quantile} < ${exact}`);
    assert.ok(quantile <= exact * (1 + 1 / 64), `${quantile} for ${exact}`);
  }
});

test('the extremes are exact, and without samples there are none', () => {
  const histogram = new RttHistogram();
  assert.equal(histogram.quantileUs(0.5), undefined);
  assert.equal(histogram.lowUs, undefined);
  for (const value of [312, 7, 2_056_021]) histogram.add(value);
  assert.equal(histogram.lowUs, 7);
  assert.equal(histogram.highUs, 2_056_021);
  assert.equal(histogram.quantileUs(1), 2_056_021);
});
