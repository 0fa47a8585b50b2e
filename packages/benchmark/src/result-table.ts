import type { CaseResult } from './case-result.ts';

/** Width and side of each column but the last, which is as long as it is. */
const COLUMNS = [
  { title: 'case', width: 44, isRight: false },
  { title: 'value', width: 18, isRight: true },
  { title: 'baseline', width: 10, isRight: true },
  { title: 'ratio', width: 8, isRight: true },
  { title: 'interval', width: 13, isRight: true },
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
  const { ratio, interval, kind, baseline, baselineValue, unit, budget } = result;
  const isNaive = kind === 'naive';
  const shown = ratio === undefined ? '' : `${ratio.toFixed(2)}x`;
  const ends = interval && [interval.low, interval.high];
  return line([
    result.id,
    `${shortNumber(result.value)} ${unit}`,
    baselineValue === undefined ? '' : shortNumber(baselineValue),
    isNaive && shown !== '' ? `(${shown})` : shown,
    ends === undefined
      ? ''
      : ends.map((end) => (ratio === undefined ? shortNumber(end) : end.toFixed(2))).join('-'),
    budget === undefined ? '' : shortNumber(budget),
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

function verdict({ pass }: CaseResult): string {
  if (pass === undefined) return '';
  return pass ? 'ok' : 'MISSED';
}

function line(cells: readonly string[]): string {
  return COLUMNS.map(({ width, isRight }, index) => {
    const cell = cells[index] ?? '';
    return isRight ? cell.padStart(width) : cell.padEnd(width);
  })
    .join('  ')
    .trimEnd();
}
