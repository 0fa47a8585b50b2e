import { type CaseResult, type LeftOut, type Plot, resultLine } from '@sockflow/benchmark';

import type { BenchCase, BenchRun } from './bench-case.ts';
import { endShared } from './shared.ts';

export interface RunSettings {
  readonly inputBytes: number;
  readonly rounds: number;
  readonly isSmoke: boolean;
  /** A line of the table. */
  readonly print: (line: string) => void;
  /** What goes on, for people. */
  readonly note: (text: string) => void;
}

/** What a run found. */
export interface Found {
  readonly results: readonly CaseResult[];
  readonly plots: readonly Plot[];
  readonly leftOut: readonly LeftOut[];
  /** Cases that ended with an error, such as sides that did not agree; each is left out, too. */
  readonly failed: readonly string[];
}

/** Runs cases in turn, those of a suite together. A case that fails is told, and the others run all the same. */
export async function runCases(cases: readonly BenchCase[], settings: RunSettings): Promise<Found> {
  const { print, note } = settings;
  const found = {
    results: [] as CaseResult[],
    plots: [] as Plot[],
    leftOut: [] as LeftOut[],
    failed: [] as string[],
  };
  const bench: BenchRun = {
    ...settings,
    result: (result) => {
      found.results.push(result);
      print(resultLine(result));
    },
    plot: (plot) => void found.plots.push(plot),
    leftOut: (id, reason) => {
      found.leftOut.push({ id, reason });
      note(`${id}: left out: ${reason}`);
    },
  };
  for (const [index, one] of cases.entries()) {
    const id = `${one.suite}/${one.name}`;
    try {
      await one.run(bench);
    } catch (error) {
      found.failed.push(id);
      bench.leftOut(id, `failed: ${error instanceof Error ? error.message : String(error)}`);
      if (error instanceof Error && error.stack !== undefined) note(error.stack);
    }
    if (cases[index + 1]?.suite !== one.suite) await endShared();
  }
  return found;
}
