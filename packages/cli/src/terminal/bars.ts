const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
const LEVELS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** A bar of up to `columns`, to an eighth of one; what is there is never shown as nothing. */
export function bar(value: number, max: number, columns: number): string {
  if (value <= 0 || max <= 0) return '';
  const eighths = Math.max(1, Math.round((value / max) * columns * 8));
  return '█'.repeat(eighths >>> 3) + (EIGHTHS[eighths & 7] ?? '');
}

/** One character a value, as high as the value is; a value that is zero is a blank. */
export function sparkline(values: readonly number[]): string {
  const max = Math.max(...values, 1);
  return values
    .map((value) => {
      if (value === 0) return ' ';
      return LEVELS[Math.min(LEVELS.length - 1, Math.floor((value / max) * LEVELS.length))];
    })
    .join('');
}
