import Table from 'cli-table3';

import type { Terminal } from './terminal.ts';

/** A column: its heading, and on which side its cells stand. */
export interface Column {
  readonly heading: string;
  readonly align?: 'left' | 'right';
  /** Where the table is too wide, the column with the highest number goes first; without one it stays. */
  readonly dropOrder?: number;
}

const GAP_COLUMNS = 2;

/** No lines, two blanks between columns, two before the first. */
const PLAIN = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: ' ',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '',
};

/**
 * Rows as lines of aligned columns under their headings. A column without any cell text is left out, and so are, where the terminal is too narrow, those that may be.
 * Cells are plain text.
 */
export function renderTable(
  terminal: Pick<Terminal, 'colors' | 'columns'>,
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): string {
  const { colors } = terminal;
  const shown = fittingColumns(terminal.columns, columns, rows);
  const keep = <T>(cells: readonly T[]): T[] => cells.filter((_, index) => shown[index] === true);
  const table = new Table({
    chars: PLAIN,
    style: { head: [], border: [], 'padding-left': 1, 'padding-right': 1 },
    colAligns: keep(columns.map((column) => column.align ?? 'left')),
    head: keep(columns.map((column) => colors.dim(column.heading))),
  });
  for (const row of rows) table.push(keep(columns.map((_, index) => row[index] ?? '')));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

function fittingColumns(
  maxColumns: number,
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): boolean[] {
  const widths = columns.map((column, index) => {
    const cells = rows.map((row) => row[index]?.length ?? 0);
    const isEmpty = cells.every((length) => length === 0);
    return isEmpty ? 0 : Math.max(column.heading.length, ...cells) + GAP_COLUMNS;
  });
  const dropped = new Set<number>();
  const dropOrder = [...columns.keys()]
    .filter((index) => columns[index]?.dropOrder !== undefined)
    .toSorted((a, b) => (columns[b]?.dropOrder ?? 0) - (columns[a]?.dropOrder ?? 0));
  for (const index of dropOrder) {
    const width = widths.reduce((sum, own, at) => sum + (dropped.has(at) ? 0 : own), 0);
    if (width <= maxColumns) break;
    dropped.add(index);
  }
  return widths.map((width, index) => width > 0 && !dropped.has(index));
}
