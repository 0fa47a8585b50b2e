import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import type { RttSummaryView } from '../schema/generated/view-types.ts';
import { viewOf } from '../slot/real-events.test.helper.ts';
import {
  addRttDistribution,
  addRttSample,
  addRttSummary,
  type RttDistribution,
  rttDistribution,
  rttQuantileUs,
} from './rtt-distribution.ts';

/** Where each bucket but the last ends, us, exclusive: as kind-fields.ts defines them, spelled out. */
const ENDS_US = [
  16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16_384, 32_768, 65_536, 131_072, 262_144,
  524_288, 1_048_576, 2_097_152, 4_194_304, 8_388_608, 16_777_216, 33_554_432,
];
const BUCKETS = ENDS_US.length + 1;

function bucketOf(rttUs: number): number {
  const index = ENDS_US.findIndex((endUs) => rttUs < endUs);
  return index === -1 ? ENDS_US.length : index;
}

/** Of all sizes alike, the ends of buckets among them. */
const sample = fc.oneof(
  fc
    .tuple(fc.integer({ min: 0, max: 32 }), fc.integer({ min: 0, max: 2 ** 32 - 1 }))
    .map(([bits, word]) => Math.floor(word / 2 ** bits)),
  fc.constantFrom(...ENDS_US.flatMap((endUs) => [endUs - 1, endUs])),
);
const samples = fc.array(sample, { minLength: 1, maxLength: 100 });
const quantiles = fc.double({ min: 0, max: 1, noNaN: true });

function fold(values: readonly number[]): RttDistribution {
  const folded = rttDistribution();
  for (const value of values) addRttSample(folded, value);
  return folded;
}

function summaryOf(values: readonly number[]): RttSummaryView {
  return viewOf({
    kind: 'RTT_SUMMARY',
    ts_boot_ns: 1,
    family: 2,
    local_ip4: 1,
    remote_ip4: 2,
    local_port: 443,
    remote_port: 0,
    is_fullsock: 1,
    state: 1,
    cookie: 1,
    rtt_sum_us: values.reduce((sum, value) => sum + value, 0),
    rtt_count: values.length,
    rtt_low_us: Math.min(...values),
    rtt_high_us: Math.max(...values),
    rtt_buckets: Array.from(
      { length: BUCKETS },
      (_, index) => values.filter((value) => bucketOf(value) === index).length,
    ),
  }) as unknown as RttSummaryView;
}

test('a quantile lies in the bucket of the exact one, between the smallest and the largest sample', () => {
  fc.assert(
    fc.property(samples, quantiles, (values, quantile) => {
      const sorted = values.toSorted((a, b) => a - b);
      const exactUs = sorted[Math.max(1, Math.ceil(quantile * sorted.length)) - 1]!;
      const toldUs = rttQuantileUs(fold(values), quantile) ?? -1;
      assert.equal(bucketOf(toldUs), bucketOf(exactUs), `${toldUs} for ${exactUs}`);
      assert.ok(toldUs >= sorted[0]! && toldUs <= sorted.at(-1)!, `${toldUs} of ${sorted.join()}`);
    }),
    { numRuns: 1000 },
  );
});

test('the smallest and the largest sample are exact, and a larger share is never a smaller RTT', () => {
  fc.assert(
    fc.property(samples, quantiles, quantiles, (values, one, other) => {
      const folded = fold(values);
      assert.equal(rttQuantileUs(folded, 0), Math.min(...values));
      assert.equal(rttQuantileUs(folded, 1), Math.max(...values));
      const [less = 0, more = 0] = [one, other].toSorted((a, b) => a - b);
      assert.ok(rttQuantileUs(folded, less)! <= rttQuantileUs(folded, more)!);
    }),
  );
});

test('summaries and distributions add up to what all their samples give', () => {
  fc.assert(
    fc.property(fc.array(samples, { maxLength: 6 }), fc.array(samples), (sockets, others) => {
      const together = rttDistribution();
      for (const values of sockets) addRttSummary(together, summaryOf(values));
      for (const values of others) addRttDistribution(together, fold(values));
      addRttDistribution(together, rttDistribution());
      assert.deepEqual(together, fold([...sockets.flat(), ...others.flat()]));
    }),
  );
});

test('an empty summary changes nothing, and without samples there is no quantile', () => {
  const empty = { rttCount: 0, rttSumUs: 0, rttLowUs: 0, rttHighUs: 0, rttBucket: () => 0 };
  const folded = fold([300]);
  addRttSummary(folded, empty);
  assert.deepEqual(folded, fold([300]));
  assert.equal(rttQuantileUs(rttDistribution(), 0.5), undefined);
});

test('buckets that hold less than the count say nothing: the largest sample is told', () => {
  const folded = { ...rttDistribution(), count: 9, sumUs: 900, lowUs: 50, highUs: 200 };
  assert.equal(rttQuantileUs(folded, 0.5), 200);
});

test('refuses a quantile that is no share', () => {
  for (const quantile of [-0.1, 1.1, 50, Number.NaN]) {
    assert.throws(() => rttQuantileUs(fold([1]), quantile), {
      code: 'ERR_SOCKFLOW_INVALID_OPTION',
    });
  }
});
