import type { CaseResult, Plot } from '@sockflow/benchmark';

import type { BenchCase } from '../harness/bench-case.ts';

/** The case, and the plots that its own rows make. */
export function withPlots(
  ofCase: BenchCase,
  plotsOf: (rows: readonly CaseResult[]) => readonly Plot[],
): BenchCase {
  return {
    ...ofCase,
    run: async (bench) => {
      const rows: CaseResult[] = [];
      await ofCase.run({
        ...bench,
        result: (row) => {
          rows.push(row);
          bench.result(row);
        },
      });
      for (const plot of plotsOf(rows)) bench.plot(plot);
    },
  };
}
