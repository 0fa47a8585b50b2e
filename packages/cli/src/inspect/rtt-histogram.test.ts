import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { type FoldedSamples, RttHistogram } from './rtt-histogram.ts';

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

/** As the kernel folds them: floor(log2) of a sixteenth, and 0 below 16 us. */
function fold(values: readonly number[]): FoldedSamples {
  const buckets = Array.from({ length: 23 }, () => 0);
  for (const value of values) {
    const bucket = Math.min(22, Math.max(0, Math.floor(Math.log2(value / 8))));
    buckets[bucket] = (buckets[bucket] ?? 0) + 1;
  }
  return {
    rttCount: values.length,
    rttLowUs: Math.min(...values),
    rttHighUs: Math.max(...values),
    rttBucket: (index) => buckets[index] ?? 0,
  };
}

test('of folded samples count and extremes are exact, and a quantile is not below the exact one and at most twice as high', () => {
  const times = fc.array(fc.integer({ min: 0, max: 60_000_000 }), { minLength: 1, maxLength: 100 });
  fc.assert(
    fc.property(
      fc.array(times, { minLength: 1, maxLength: 5 }),
      times,
      shares,
      (folded, raw, share) => {
        const histogram = new RttHistogram();
        for (const value of raw) histogram.add(value);
        for (const values of folded) histogram.addFolded(fold(values));
        const all = [...raw, ...folded.flat()];
        assert.equal(histogram.count, all.length);
        assert.equal(histogram.folded, all.length - raw.length);
        assert.equal(histogram.isExact, false);
        assert.equal(histogram.lowUs, Math.min(...all));
        assert.equal(histogram.highUs, Math.max(...all));
        const exact = exactQuantile(all, share);
        const quantile = histogram.quantileUs(share) ?? -1;
        assert.ok(quantile >= exact, `${quantile} < ${exact}`);
        assert.ok(quantile <= Math.max(15, exact * 2 * (1 + 1 / 64)), `${quantile} for ${exact}`);
      },
    ),
  );
});

test('ranges hold each sample where it lies, folded or not, without empty ones at the ends', () => {
  const histogram = new RttHistogram();
  for (const value of [15, 16, 31, 500]) histogram.add(value);
  histogram.addFolded(fold([0, 100, 127]));
  assert.deepEqual(histogram.ranges(), [
    { startUs: 0, endUs: 16, samples: 2 },
    { startUs: 16, endUs: 32, samples: 2 },
    { startUs: 32, endUs: 64, samples: 0 },
    { startUs: 64, endUs: 128, samples: 2 },
    { startUs: 128, endUs: 256, samples: 0 },
    { startUs: 256, endUs: 512, samples: 1 },
  ]);
  assert.deepEqual(new RttHistogram().ranges(), []);
  const slow = new RttHistogram();
  slow.add(100_000_000);
  assert.deepEqual(slow.ranges(), [{ startUs: 2 ** 25, endUs: undefined, samples: 1 }]);
});

test('a summary without samples changes nothing', () => {
  const histogram = new RttHistogram();
  histogram.addFolded({ rttCount: 0, rttLowUs: 0, rttHighUs: 0, rttBucket: () => 0 });
  histogram.add(7);
  assert.equal(histogram.isExact, true);
  assert.equal(histogram.lowUs, 7);
});
