import { bar } from '../terminal/bars.ts';
import { formatCount, formatShare } from '../terminal/format.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { NamedCount } from './inspection.ts';

const MAX_BAR_COLUMNS = 40;
const SHARE_COLUMNS = 7;

/** A line for each count: name, number, share of the whole, bar. */
export function countBars(terminal: Terminal, rows: readonly NamedCount[], whole: number): string {
  const nameColumns = Math.max(...rows.map(({ name }) => name.length));
  const countColumns = Math.max(...rows.map(({ events }) => formatCount(events).length));
  const fixed = 2 + nameColumns + 2 + countColumns + 1 + SHARE_COLUMNS + 2;
  const barColumns = Math.max(8, Math.min(MAX_BAR_COLUMNS, terminal.columns - fixed));
  const max = Math.max(...rows.map(({ events }) => events));
  return rows
    .map(({ name, events }) => {
      const count = formatCount(events).padStart(countColumns);
      const share = formatShare(events, whole).padStart(SHARE_COLUMNS);
      const drawn = terminal.colors.cyan(bar(events, max, barColumns));
      return `  ${name.padEnd(nameColumns)}  ${count} ${terminal.colors.dim(share)}  ${drawn}`.trimEnd();
    })
    .join('\n');
}
