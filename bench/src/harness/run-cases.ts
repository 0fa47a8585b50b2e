import {
  type CaseResult,
  type LeftOut,
  type Load,
  LoadWatch,
  type Plot,
  resultLine,
} from '@sockflow/benchmark';

import type { BenchCase, BenchRun } from './bench-case.ts';
import { endShared } from './shared.ts';

/** The least time between two looks at the machine within a case: what is judged at once (see `LoadWatch`). A look takes a ms or two. */
const SAMPLE_MS = 2500;

export interface RunSettings {
  readonly inputBytes: number;
  readonly rounds: number;
  readonly isSmoke: boolean;
  /** A line of the table. */
  readonly print: (line: string) => void;
  /** What goes on, for people. */
  readonly note: (text: string) => void;
  /** Aborted, no further case is begun. */
  readonly signal?: AbortSignal | undefined;
  /** Given before the first case: what was found until it is called. */
  readonly onStart?: ((soFar: () => Found) => void) | undefined;
}

/** What a run found. */
export interface Found {
  readonly results: readonly CaseResult[];
  readonly plots: readonly Plot[];
  readonly leftOut: readonly LeftOut[];
  readonly load: Load;
  /** Cases that ended with an error, such as sides that did not agree; each is left out, too. */
  readonly failed: readonly string[];
}

/** Runs cases in turn, those of a suite together. A case that fails is told, and the others run all the same. */
export async function runCases(cases: readonly BenchCase[], settings: RunSettings): Promise<Found> {
  const { print, note, isSmoke, signal, onStart } = settings;
  const found = {
    results: [] as CaseResult[],
    plots: [] as Plot[],
    leftOut: [] as LeftOut[],
    failed: [] as string[],
  };
  const bench: BenchRun = {
    inputBytes: settings.inputBytes,
    rounds: settings.rounds,
    isSmoke,
    note,
    result: (given) => {
      const result = isSmoke ? withoutBudget(given) : given;
      found.results.push(result);
      print(resultLine(result));
    },
    plot: (plot) => void found.plots.push(plot),
    leftOut: (id, reason) => {
      found.leftOut.push({ id, reason });
      note(`${id}: left out: ${reason}`);
    },
  };
  const watch = new LoadWatch();
  onStart?.(() => ({ ...found, load: watch.result() }));
  for (const [index, one] of cases.entries()) {
    if (signal?.aborted === true) break;
    const id = `${one.suite}/${one.name}`;
    const before = leftBy(found);
    const sampling = setInterval(() => watch.sample(), SAMPLE_MS);
    try {
      await one.run(bench);
      if (leftBy(found) === before) throw new Error('left no row, no plot and no reason');
    } catch (error) {
      found.failed.push(id);
      bench.leftOut(id, `failed: ${error instanceof Error ? error.message : String(error)}`);
      if (error instanceof Error && error.stack !== undefined) note(error.stack);
    } finally {
      clearInterval(sampling);
    }
    if (cases[index + 1]?.suite !== one.suite) await endSharedOf(one.suite, found.failed, note);
    const { tookS, othersRatio = 0, stolenRatio = 0 } = watch.caseEnded(id);
    const others = ((othersRatio + stolenRatio) * 100).toFixed(0);
    note(`${id}: ${tookS.toFixed(1)} s, others ${others} %`);
  }
  return { ...found, load: watch.result() };
}

/* That what a suite shared cannot be ended is told, too, and costs the other suites nothing. */
async function endSharedOf(
  suite: string,
  failed: string[],
  note: (text: string) => void,
): Promise<void> {
  try {
    await endShared();
  } catch (error) {
    failed.push(suite);
    note(`${suite}: what its cases share could not be ended: ${String(error)}`);
  }
}

function leftBy({ results, plots, leftOut }: Omit<Found, 'load'>): number {
  return results.length + plots.length + leftOut.length;
}

/* Of passes as they are meant to be: the shortest ones say nothing of it. */
function withoutBudget(result: CaseResult): CaseResult {
  return { ...result, budget: undefined, pass: undefined };
}
