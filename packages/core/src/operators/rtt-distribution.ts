import type { RttSummaryView } from '../schema/generated/view-types.ts';
import { RTT_BUCKETS } from '../schema/kind-fields.ts';
import { optionError } from './check-option.ts';

/** RTT samples of one or many connections, folded as the kernel program folds them. Plain data: it may be emitted, written and added up. */
export interface RttDistribution {
  count: number;
  sumUs: number;
  /** The smallest and the largest sample, exact; 0 without samples. */
  lowUs: number;
  highUs: number;
  /** Samples per log2 bucket: 0 below 16 us, i from 2^(i+3) us on, the last one all from 2^25 us. */
  readonly buckets: number[];
}

/** The part of an RTT summary's view that is added up. */
export type RttSamples = Pick<
  RttSummaryView,
  'rttCount' | 'rttSumUs' | 'rttLowUs' | 'rttHighUs' | 'rttBucket'
>;

const FIRST_BUCKET_LOG2 = 4;
const LAST_BUCKET = RTT_BUCKETS - 1;

/** One without samples. */
export function rttDistribution(): RttDistribution {
  const buckets = Array.from({ length: RTT_BUCKETS }, () => 0);
  return { count: 0, sumUs: 0, lowUs: 0, highUs: 0, buckets };
}

function extend(into: RttDistribution, count: number, lowUs: number, highUs: number): void {
  if (into.count === 0 || lowUs < into.lowUs) into.lowUs = lowUs;
  if (highUs > into.highUs) into.highUs = highUs;
  into.count += count;
}

/** Adds one sample: of `RTT_CB`, say, where they come raw. */
export function addRttSample(into: RttDistribution, rttUs: number): void {
  extend(into, 1, rttUs, rttUs);
  into.sumUs += rttUs;
  // Below 16 us the first one's logarithm: all of it is bucket 0.
  const log2 = 31 - Math.clz32(rttUs | ((1 << FIRST_BUCKET_LOG2) - 1));
  into.buckets[Math.min(log2 - FIRST_BUCKET_LOG2 + 1, LAST_BUCKET)]! += 1;
}

/** Adds the samples of an RTT summary; allocates nothing. */
export function addRttSummary(into: RttDistribution, summary: RttSamples): void {
  if (summary.rttCount === 0) return;
  extend(into, summary.rttCount, summary.rttLowUs, summary.rttHighUs);
  into.sumUs += summary.rttSumUs;
  for (let index = 0; index < RTT_BUCKETS; index++) {
    into.buckets[index]! += summary.rttBucket(index);
  }
}

/** Adds another distribution: of another lane, port or host. */
export function addRttDistribution(into: RttDistribution, other: RttDistribution): void {
  if (other.count === 0) return;
  extend(into, other.count, other.lowUs, other.highUs);
  into.sumUs += other.sumUs;
  for (let index = 0; index < RTT_BUCKETS; index++) into.buckets[index]! += other.buckets[index]!;
}

/**
 * The RTT that a share of the samples does not exceed, as near as buckets tell it: it lies in the exact one's bucket, so it is less than twice and more than half of it.
 *
 * @returns us, exact for the smallest and the largest sample; `undefined` without samples
 * @throws ERR_SOCKFLOW_INVALID_OPTION
 */
export function rttQuantileUs(samples: RttDistribution, quantile: number): number | undefined {
  if (!(quantile >= 0 && quantile <= 1)) {
    throw optionError('rttQuantileUs', 'quantile', 'a number from 0 to 1', quantile);
  }
  const { count, lowUs, highUs, buckets } = samples;
  if (count === 0) return undefined;
  const rank = Math.max(1, Math.ceil(quantile * count));
  if (rank === 1) return lowUs;
  if (rank === count) return highUs;
  let before = 0;
  let index = 0;
  while (before + buckets[index]! < rank && index < LAST_BUCKET) before += buckets[index++]!;
  const inBucket = buckets[index]!;
  if (inBucket === 0) return highUs; // buckets of a stranger that hold less than `count`
  const startUs = index === 0 ? 0 : 2 ** (index + FIRST_BUCKET_LOG2 - 1);
  const endUs = index === LAST_BUCKET ? Infinity : 2 ** (index + FIRST_BUCKET_LOG2);
  const leastUs = Math.max(startUs, lowUs);
  const mostUs = Math.min(endUs - 1, highUs);
  // As if the bucket's samples were evenly spread over what is possible in it.
  return Math.round(leastUs + ((mostUs - leastUs) * (rank - before - 0.5)) / inBucket);
}
