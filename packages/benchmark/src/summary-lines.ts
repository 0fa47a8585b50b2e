import type { BenchDocument } from './bench-document.ts';
import { type BudgetVerdict, budgetVerdict } from './budget-verdict.ts';
import { smokeNotice } from './smoke-notice.ts';

/* A machine that others use all the time has as many as there are cases: the document has them all. */
const MOST_REASONS = 3;

/** What is to be said at a run's end, for people: budgets, what is missing, and whether the figures may be quoted. */
export function summaryLines(document: BenchDocument): string[] {
  const { results, leftOut, load, isInterrupted } = document;
  const judged = (verdict: BudgetVerdict): BenchDocument['results'] =>
    results.filter((result) => budgetVerdict(result) === verdict);
  const [met, open, missed] = [judged('met'), judged('open'), judged('missed')];
  const smoke = smokeNotice(document);
  // Of an invalid run no figure is good enough for that.
  const metText = load.isValid === false ? '' : `${met.length} met, `;
  const naive = results.filter(({ kind }) => kind === 'naive');
  return [
    ...(isInterrupted === true ? ['INTERRUPTED: this is what was found until then'] : []),
    `${results.length} rows, ${naive.length} of them against a naive baseline; budgets: ${metText}${open.length} open, ${missed.length} missed`,
    ...missed.map(({ id }) => `  missed: ${id}`),
    ...open.map(({ id }) => `  open, since the interval holds the budget: ${id}`),
    `${leftOut.length} left out`,
    ...leftOut.map(({ id, reason }) => `  ${id}: ${reason}`),
    ...loadLines(load),
    ...(smoke === undefined ? [] : [smoke]),
  ];
}

function loadLines({
  isValid,
  othersRatio,
  stolenRatio,
  reasons,
}: BenchDocument['load']): string[] {
  const percent = (ratio = 0): string => `${(ratio * 100).toFixed(1)} %`;
  const shares = `others had ${percent(othersRatio)} of all cores' time, the hypervisor's other guests ${percent(stolenRatio)}`;
  const why = reasons.slice(0, MOST_REASONS).map((reason) => `  ${reason}`);
  if (reasons.length > MOST_REASONS)
    why.push(`  and ${reasons.length - MOST_REASONS} more stretches of it`);
  if (isValid === undefined) return ['load: not watched', ...why];
  if (isValid) return [`load: ${shares}: a valid run`];
  return [`load: ${shares}: AN INVALID RUN, not to be quoted`, ...why];
}
