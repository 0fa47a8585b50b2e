import type { CaseResult } from './case-result.ts';

function number(value: number): string {
  if (Math.abs(value) >= 1e6) return `${(value / 1e6).toFixed(1)} M`;
  if (Math.abs(value) >= 1e3) return `${(value / 1e3).toFixed(1)} k`;
  return value.toFixed(value < 10 ? 3 : 1);
}

function verdict(result: CaseResult): string {
  if (result.pass === undefined) return '';
  return result.pass ? 'ok' : 'BELOW';
}

const COLUMNS = [46, 18, 30, 9, 15, 8, 6] as const;

function row(cells: readonly string[]): string {
  return cells
    .map((cell, index) =>
      index < 1 || index === 2
        ? cell.padEnd(COLUMNS[index] ?? 0)
        : cell.padStart(COLUMNS[index] ?? 0),
    )
    .join('  ');
}

/** The head of the table that {@link resultRow} fills. */
export function tableHead(): string {
  return row(['case', 'value', 'against', 'ratio', 'spread', 'budget', '']);
}

/** One line for a person; ratios above 1 mean that we are faster. */
export function resultRow(result: CaseResult): string {
  const spread = result.spread.map((bound) => number(bound)).join('-');
  return row([
    result.id,
    `${number(result.value)} ${result.unit}`,
    result.baseline ?? '',
    result.ratio === undefined ? '' : `${result.ratio.toFixed(2)}x`,
    spread,
    result.budget === undefined ? '' : String(result.budget),
    verdict(result),
  ]);
}
