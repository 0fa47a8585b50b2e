import type { CaseResult } from './case-result.ts';

/** What every suite is given. */
export interface SuiteOptions {
  /** Bytes of the generated input. */
  readonly inputBytes: number;
  /** Counted pairs of each case. */
  readonly rounds: number;
  /** Names of the suite's cases to run; empty: all. Only `kernel` has names. */
  readonly cases: readonly string[];
  /** Says what goes on; never on standard output. */
  readonly note: (text: string) => void;
}

/** A suite runs its cases in turn and hands each result over as it comes. */
export type Suite = (options: SuiteOptions, report: (result: CaseResult) => void) => Promise<void>;
