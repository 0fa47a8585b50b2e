import type { CaseResult, Plot } from '@sockflow/benchmark';

/** What can be named on the command line, in the order of a whole run. */
export const SUITE_NAMES = [
  'filter',
  'decode',
  'ring',
  'pipeline',
  'sinks',
  'kafka',
  'cost',
] as const;
export type SuiteName = (typeof SUITE_NAMES)[number];

/** What every case is given, and where it puts what it finds. */
export interface BenchRun {
  /** Bytes of the generated input. */
  readonly inputBytes: number;
  /** Counted rounds of each comparison. */
  readonly rounds: number;
  /** Only to see that all runs and agrees: the shortest passes, and the fewest points of a curve, that still check everything. */
  readonly isSmoke: boolean;
  result(result: CaseResult): void;
  plot(plot: Plot): void;
  /** Says that a case, or a row, cannot be had here. */
  leftOut(id: string, reason: string): void;
  /** Says what goes on; never on standard output. */
  note(text: string): void;
}

/** A part of a suite that can be run alone. */
export interface BenchCase {
  readonly suite: SuiteName;
  /** On the command line: `pnpm bench ring/drain`. */
  readonly name: string;
  /** One line of the list of cases. */
  readonly says: string;
  run(bench: BenchRun): Promise<void>;
}
