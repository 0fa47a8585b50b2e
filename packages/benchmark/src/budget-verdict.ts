import type { CaseResult } from './case-result.ts';

/** What a run can say of a budget: `open` where the interval holds it. */
export type BudgetVerdict = 'met' | 'open' | 'missed';

/** By the interval, where `pass` goes by the median alone; `undefined` where nothing is asked for. */
export function budgetVerdict(result: CaseResult): BudgetVerdict | undefined {
  const { budget, pass, interval, ratio, isLessBetter } = result;
  if (budget === undefined || pass === undefined) return undefined;
  if (interval === undefined) return pass ? 'met' : 'missed';
  const { low, high } = interval;
  const isAtMost = ratio === undefined && isLessBetter;
  if (isAtMost ? high <= budget : low >= budget) return 'met';
  return (isAtMost ? low > budget : high < budget) ? 'missed' : 'open';
}
