import { textWidth } from './text-width.ts';

/** A cell: its text without colours, how to colour it, and on which side it stands. */
export interface Cell {
  readonly text: string;
  readonly paint?: (text: string) => string;
  readonly isRight?: boolean;
}

/** Columns of a table that never ends: each is as wide as its widest cell so far, up to a limit, so rows need not be known beforehand. */
export class Columns {
  readonly #widths: number[];
  readonly #maxWidth: number;

  constructor(minWidths: readonly number[], maxWidth: number) {
    this.#widths = [...minWidths];
    this.#maxWidth = maxWidth;
  }

  row(cells: readonly Cell[]): string {
    const last = cells.length - 1;
    return cells
      .map((cell, index) => {
        const { text, paint = asItIs } = cell;
        const isOpenEnd = index === last && cell.isRight !== true;
        const padding = isOpenEnd ? '' : this.padding(index, textWidth(text));
        return cell.isRight === true ? padding + paint(text) : paint(text) + padding;
      })
      .join('  ')
      .trimEnd();
  }

  /** What a text of so many columns is filled up with in its column, which is widened where it does not fit. */
  padding(index: number, width: number): string {
    const known = this.#widths[index] ?? 0;
    if (width <= known) return SPACES[known - width] ?? ' '.repeat(known - width);
    this.#widths[index] = Math.min(width, this.#maxWidth);
    return '';
  }
}

const SPACES = Array.from({ length: 64 }, (_, count) => ' '.repeat(count));

function asItIs(text: string): string {
  return text;
}
