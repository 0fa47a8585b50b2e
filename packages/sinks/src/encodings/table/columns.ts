import stringWidth from 'string-width';

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
        const padding = isOpenEnd ? '' : ' '.repeat(this.#padding(index, text));
        return cell.isRight === true ? padding + paint(text) : paint(text) + padding;
      })
      .join('  ')
      .trimEnd();
  }

  #padding(index: number, text: string): number {
    const width = stringWidth(text);
    const known = this.#widths[index] ?? 0;
    if (width > known) this.#widths[index] = Math.min(width, this.#maxWidth);
    return Math.max(0, (this.#widths[index] ?? 0) - width);
  }
}

function asItIs(text: string): string {
  return text;
}
