import { budgetVerdict } from './budget-verdict.ts';
import type { CaseResult } from './case-result.ts';
import { CERTAIN_COVERAGE } from './median.ts';
import { readableUnit } from './readable-unit.ts';

/** Width and side of each column but the last, which is as long as it is. */
const COLUMNS = [
  { title: 'case', width: 44, isRight: false },
  { title: 'value', width: 18, isRight: true },
  { title: 'baseline', width: 10, isRight: true },
  { title: 'ratio', width: 8, isRight: true },
  { title: 'interval', width: 14, isRight: true },
  { title: 'budget', width: 7, isRight: true },
  { title: '', width: 6, isRight: false },
  { title: 'against', width: 0, isRight: false },
] as const;

/** The head of the table that {@link resultLine} fills. */
export function tableHead(): string {
  return line(COLUMNS.map(({ title }) => title));
}

/** One row for a person. A naive baseline is marked as one, and its ratio stands in brackets: it makes no headline. */
export function resultLine(result: CaseResult): string {
  const { ratio, kind, baseline, baselineValue, budget } = result;
  const { unit, divisor } = readableUnit(result.value, result.unit);
  const isNaive = kind === 'naive';
  const shown = ratio === undefined ? '' : `${ratio.toFixed(2)}x`;
  return line([
    result.id,
    `${shortNumber(result.value / divisor)} ${unit}`,
    baselineValue === undefined ? '' : shortNumber(baselineValue / divisor),
    isNaive && shown !== '' ? `(${shown})` : shown,
    intervalText(result, divisor),
    budget === undefined ? '' : shortNumber(ratio === undefined ? budget / divisor : budget),
    verdict(result),
    `${baseline ?? ''}${isNaive ? ' (naive)' : ''}`,
  ]);
}

/** Three digits or so: `1.23 M`, `45.6 k`, `0.789`. */
export function shortNumber(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e9) return `${(value / 1e9).toFixed(2)} G`;
  if (size >= 1e6) return `${(value / 1e6).toFixed(1)} M`;
  if (size >= 1e4) return `${(value / 1e3).toFixed(1)} k`;
  if (Number.isInteger(value) || size >= 1000) return value.toFixed(0);
  return value.toFixed(size < 10 ? 2 : 1);
}

/** One round has none; with the probability that it holds the median where that is less than certain. */
function intervalText({ interval, ratio, rounds }: CaseResult, divisor: number): string {
  if (interval === undefined || rounds === 1) return '';
  const { low, high, coverage } = interval;
  const text = (end: number): string =>
    ratio === undefined ? shortNumber(end / divisor) : end.toFixed(2);
  const held = coverage < CERTAIN_COVERAGE ? ` ${(coverage * 100).toFixed(0)}%` : '';
  return `${text(low)}-${text(high)}${held}`;
}

/** That a budget is met is said at the end: rows are printed before it is known whether the run is valid. */
function verdict(result: CaseResult): string {
  const told = budgetVerdict(result);
  return told === 'missed' ? 'MISSED' : told === 'open' ? 'open' : '';
}

function line(cells: readonly string[]): string {
  return COLUMNS.map(({ width, isRight }, index) => {
    const cell = cells[index] ?? '';
    return isRight ? cell.padStart(width) : cell.padEnd(width);
  })
    .join('  ')
    .trimEnd();
}
