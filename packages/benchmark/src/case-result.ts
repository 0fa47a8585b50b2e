/** What a baseline is: a peer is what its own users would write; a naive way is labelled so and makes no headline; `self` is another setting of ours. */
export type BaselineKind = 'peer' | 'naive' | 'self';

/** One case against one baseline: a row of a benchmark document. Ratios are above 1 where we are better. */
export interface CaseResult {
  /** `suite/input/case/baseline`; unique in a document, and the same from run to run. */
  readonly id: string;
  /** Which fields a unit's work reads, in the words of the field table, or what else is done with it. Filtering and decoding are never mixed without saying so. */
  readonly reads: string;
  /** Ours: the median of its passes. */
  readonly value: number;
  /** Of the value: `events/s`, `us`, `B/event`. */
  readonly unit: string;
  /** Whether a smaller value is the better one. */
  readonly isLessBetter: boolean;
  /** What it is compared with, for people, or `undefined` for a figure that stands alone. */
  readonly baseline: string | undefined;
  readonly kind: BaselineKind | undefined;
  /** The baseline's median, in the same unit. */
  readonly baselineValue: number | undefined;
  /** Median of the rounds' ratios: baseline time / our time. */
  readonly ratio: number | undefined;
  /** Confidence interval of that median. */
  readonly interval: MedianInterval | undefined;
  /** Ratio of each side's best pass: what is left of it where others use the machine, which only make a pass slower. `undefined` where there is no ratio. */
  readonly bestRatio: number | undefined;
  /** Smallest and largest ratio of the rounds (or value, where there is no baseline). */
  readonly spread: readonly [lowest: number, highest: number];
  readonly rounds: number;
  /** The least ratio (or, where there is no ratio, the bound of the value) that is asked for; `undefined`: reported only. */
  readonly budget: number | undefined;
  readonly pass: boolean | undefined;
}

/** Where the median of what was sampled lies, whatever its distribution. */
export interface MedianInterval {
  readonly low: number;
  readonly high: number;
  /** Probability that it holds the median: at least 0.95 from six rounds on, 1 - 2^(1-n) of fewer. */
  readonly coverage: number;
}
