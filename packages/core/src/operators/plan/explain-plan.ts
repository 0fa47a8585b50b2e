import type { Plan } from '../../contracts/filter.ts';
import type { Source } from '../../contracts/source.ts';
import { describeFilter } from './describe-filter.ts';
import { planWarnings } from './plan-warnings.ts';

/** One filter of a plan and where it runs. */
export interface ExplainedFilter {
  readonly filter: string;
  /** What the source does with it, in words; undefined where it does nothing. */
  readonly inSource: string | undefined;
  /** The run of fused filters it belongs to: 0 is the one that the source knows, later ones start behind a plain operator. */
  readonly run: number;
}

/** What becomes of the filters of one subscription. */
export interface PlanExplanation {
  readonly filters: readonly ExplainedFilter[];
  /** Each run of fused filters is one loop over the slots. */
  readonly runs: readonly RunExplanation[];
  readonly warnings: readonly string[];
}

/** One run of fused filters. */
export interface RunExplanation {
  readonly run: number;
  readonly filters: number;
  /** What it reads, and what ended the run before it. */
  readonly text: string;
}

function runText(run: number, filters: number): string {
  if (filters === 0 && run === 0) return 'no filter: every slot of the source is selected';
  const loop =
    filters === 0
      ? 'no filter: every slot is selected'
      : `${filters} ${filters === 1 ? 'filter' : 'filters, fused'} in one loop`;
  return run === 0
    ? `${loop} over the slots of the source`
    : `${loop} over the selection that is left: an operator that is not one of our filters ended the run before`;
}

/** Says of a plan what runs in the source, what is fused into one loop, and what can match nothing; `laterPlans` are the runs behind plain operators, in their order. */
export function explainPlan(
  plan: Plan,
  source: Pick<Source, 'describePushDown' | 'reportedKinds'>,
  laterPlans: readonly Plan[] = [],
): PlanExplanation {
  const runs = [plan, ...laterPlans];
  return {
    filters: runs.flatMap((filters, run) =>
      filters.map((filter) => ({
        filter: describeFilter(filter),
        inSource: run === 0 ? source.describePushDown(filter) : undefined,
        run,
      })),
    ),
    runs: runs.map((filters, run) => ({
      run,
      filters: filters.length,
      text: runText(run, filters.length),
    })),
    warnings: planWarnings(runs.flat(), source.reportedKinds),
  };
}
