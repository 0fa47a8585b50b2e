import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { median, medianInterval } from './median.ts';

const MOST_ENUMERATED = 14;

/**
 * The probability that the interval from the `cut`-th value of `count` (from 0) to the `cut`-th from the end holds the median of what they were drawn from: each value lies
 * below it or above it with a half, so every pattern of sides is as likely as any other.
 */
function enumeratedCoverage(count: number, cut: number): number {
  let holding = 0;
  for (let pattern = 0; pattern < 2 ** count; pattern++) {
    let below = 0;
    for (let index = 0; index < count; index++) below += (pattern >> index) & 1;
    if (below > cut && count - below > cut) holding++;
  }
  return holding / 2 ** count;
}

function cutOf(count: number): { readonly cut: number; readonly coverage: number } {
  const { low, high, coverage } = medianInterval(
    Array.from({ length: count }, (_, index) => index),
  );
  assert.equal(high, count - 1 - low, 'alike from both ends');
  return { cut: low, coverage };
}

test('the interval holds the median as often as it says, by all patterns there are', () => {
  for (let count = 1; count <= MOST_ENUMERATED; count++) {
    const { cut, coverage } = cutOf(count);
    assert.ok(Math.abs(coverage - enumeratedCoverage(count, cut)) < 1e-12, `${count} values`);
  }
});

test('the interval is the narrowest that holds it with 0.95, and all values where there are too few', () => {
  for (let count = 1; count <= MOST_ENUMERATED; count++) {
    const { cut } = cutOf(count);
    if (count < 6) assert.equal(cut, 0);
    else assert.ok(enumeratedCoverage(count, cut) >= 0.95, `${count} values`);
    if (cut + 1 < count - 1 - cut)
      assert.ok(enumeratedCoverage(count, cut + 1) < 0.95, `${count} values`);
  }
});

test('of six to eight values the interval is from the least to the greatest, of nine and more it is narrower', () => {
  const cuts = [6, 7, 8, 9, 11, 12, 15, 21, 101].map((count) => cutOf(count).cut);
  assert.deepEqual(cuts, [0, 0, 0, 1, 1, 2, 3, 5, 40]);
});

/** A generator of Park and Miller, so that the simulation is the same each time. */
function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

test('what is drawn from a skewed distribution is covered as often as is said', () => {
  const next = uniform(7);
  const draws = 20_000;
  for (const count of [5, 11, 24]) {
    const { coverage } = cutOf(count);
    let held = 0;
    for (let draw = 0; draw < draws; draw++) {
      // Exponential: its median is ln 2.
      const { low, high } = medianInterval(Array.from({ length: count }, () => -Math.log(next())));
      if (low <= Math.LN2 && Math.LN2 <= high) held++;
    }
    // Four standard errors.
    const error = 4 * Math.sqrt((coverage * (1 - coverage)) / draws);
    assert.ok(Math.abs(held / draws - coverage) < error, `${count}: ${held / draws}, ${coverage}`);
  }
});

test('the interval holds the median of the values themselves, whatever their order', () => {
  const values = fc.array(fc.integer(), { minLength: 1 });
  fc.assert(
    fc.property(values, (all) => {
      const { low, high } = medianInterval(all);
      const middle = median(all);
      assert.ok(low <= middle && middle <= high);
      assert.deepEqual(medianInterval(all.toReversed()), medianInterval(all));
    }),
  );
});

test('the median is the middle value, or the mean of two', () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.throws(() => median([]), RangeError);
  assert.throws(() => medianInterval([]), RangeError);
});
