import type { CaseResult } from '../case-result.ts';

/** A row that both documents have, by its ratio: no time is compared, since the machines' may differ. */
export interface RatioChange {
  readonly id: string;
  readonly before: CaseResult;
  readonly after: CaseResult;
  /** Ratio after / ratio before: below 1 it got worse. */
  readonly factor: number;
  /** `same` where the intervals overlap, or the change is within the tolerance; `unknown` where one of them holds its median with less than 0.95: too few rounds. */
  readonly verdict: 'better' | 'same' | 'worse' | 'unknown';
}

/** What became of one document in another. */
export interface BenchChanges {
  /** Rows with a ratio in both, the one that lost most first. */
  readonly ratios: readonly RatioChange[];
  /** Ids of rows that the later one has no more, and why where it says so. */
  readonly missing: readonly MissingRow[];
  /** Ids of rows that the earlier one has not. */
  readonly added: readonly string[];
  /** Ids of rows whose budget was met, and is no more. */
  readonly newlyMissed: readonly string[];
  /** What was different about the runs themselves: machine, sizes. They make ratios less alike. */
  readonly differences: readonly string[];
  /** Why a run is not to be relied on. */
  readonly invalid: readonly string[];
  /** Whether something got worse, is missing without a reason, or misses its budget anew: what a caller fails for. */
  readonly isWorse: boolean;
}

export interface MissingRow {
  readonly id: string;
  /** Of the later document; `undefined` where it does not say. */
  readonly reason: string | undefined;
}
