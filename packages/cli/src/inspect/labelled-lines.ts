import type { Terminal } from '../terminal/terminal.ts';

const INDENT = 2;
const LABEL_COLUMNS = 13;

/** A line with its label in a column of its own; further lines of the same label are indented. */
export function labelled(terminal: Terminal, label: string, lines: readonly string[]): string {
  const { colors } = terminal;
  return lines
    .map((line, index) => {
      const head = index === 0 ? label : '';
      return `${' '.repeat(INDENT)}${colors.dim(head.padEnd(LABEL_COLUMNS))}${line}`;
    })
    .join('\n');
}

/** Columns that are left beside a label. */
export function columnsBesideLabel(terminal: Terminal): number {
  return terminal.columns - LABEL_COLUMNS - INDENT - 1;
}
