import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { RttHistogram } from './rtt-histogram.ts';

const samples = fc.array(fc.integer({ min: 0, max: 2 ** 32 - 1 }), {
  minLength: 1,
  maxLength: 200,
});

test('a quantile is not below the exact one, and at most an eighth above it', () => {
  fc.assert(
    fc.property(samples, fc.double({ min: 0.01, max: 1, noNaN: true }), (values, share) => {
      const histogram = new RttHistogram();
      for (const value of values) histogram.add(value);
      const sorted = values.toSorted((a, b) => a - b);
      const exact = sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1] ?? 0;
      const quantile = histogram.quantileUs(share) ?? -1;
      assert.ok(quantile >= exact, `${quantile} < ${exact}`);
      assert.ok(quantile <= exact * 1.125 + 1, `${quantile} for ${exact}`);
    }),
  );
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
