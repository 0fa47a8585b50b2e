import type { MedianInterval } from './case-result.ts';

/** What an interval is to hold the median with, for a ratio to be told from another by it: six rounds give it. */
export const CERTAIN_COVERAGE = 0.95;

/** The middle value, or the mean of the two in the middle. @throws RangeError where there are none */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('no median of no values');
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

/**
 * The narrowest interval between two of the values, alike from both ends, that holds the median with a probability of at least 0.95; all of them where there are too few. By the
 * binomial distribution of how many lie below the median: nothing is assumed of theirs.
 */
export function medianInterval(values: readonly number[]): MedianInterval {
  if (values.length === 0) throw new RangeError('no median of no values');
  const sorted = values.toSorted((a, b) => a - b);
  const { length } = sorted;
  let outside = 0;
  let cut = 0;
  let probability = 0.5 ** length;
  let coverage = 1 - 2 * probability;
  for (let below = 1; below < length / 2; below++) {
    outside += probability;
    probability *= (length - below + 1) / below;
    const narrower = 1 - 2 * (outside + probability);
    if (narrower < CERTAIN_COVERAGE) break;
    cut = below;
    coverage = narrower;
  }
  return { low: sorted[cut] as number, high: sorted[length - 1 - cut] as number, coverage };
}
