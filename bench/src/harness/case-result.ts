/** One case of a benchmark against one baseline. A ratio is baseline time / our time: above 1 we are faster. */
export interface CaseResult {
  readonly id: string;
  readonly value: number;
  readonly unit: string;
  /** What it is compared with, or `undefined` for a figure that stands alone. */
  readonly baseline: string | undefined;
  readonly ratio: number | undefined;
  /** Smallest and largest ratio of the pairs (or value, where there is no baseline). */
  readonly spread: readonly [number, number];
  /** The least ratio (or, where there is no ratio, the most value) that is asked for; `undefined`: reported only. */
  readonly budget: number | undefined;
  readonly pass: boolean | undefined;
}
