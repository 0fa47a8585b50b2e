import { jsonValue } from '../json-value.ts';
import { colored } from './colors.ts';
import { Columns } from './columns.ts';
import { printable } from './printable.ts';
import { wallTimeText, type WallZone } from './wall-zone.ts';

const MAX_COLUMNS = 12;
const MAX_WIDTH = 40;

/** Derived values as rows: flat objects of a few keys under a header of their keys, written again when the keys change; everything else as one line. */
export class ValueRows {
  readonly #hasColors: boolean;
  readonly #zone: WallZone;
  #header: string;
  #columns: Columns;

  constructor(hasColors: boolean, zone: WallZone) {
    this.#hasColors = hasColors;
    this.#zone = zone;
    this.#header = '';
    this.#columns = new Columns([], MAX_WIDTH);
  }

  /** The lines of a value, without the last newline. */
  lines(given: unknown): string {
    const value = plain(given);
    const entries = entriesOf(value);
    if (entries === undefined) return cellText(value, this.#zone);
    if (entries.length > MAX_COLUMNS)
      return entries
        .map(([key, cell]) => `${printable(key)}=${cellText(cell, this.#zone)}`)
        .join(' ');
    const names = entries.map(([key]) => printable(key));
    const header = names.join('\u0000');
    const lines: string[] = [];
    if (header !== this.#header) {
      this.#header = header;
      this.#columns = new Columns([], MAX_WIDTH);
      // The first value's widths count before its header is written.
      this.#columns.row(entries.map(([, cell]) => ({ text: cellText(cell, this.#zone) })));
      const paint = (text: string): string => (this.#hasColors ? colored(text, 'bold') : text);
      lines.push(
        this.#columns.row(
          entries.map(([, cell], index) => ({
            text: names[index] ?? '',
            isRight: isNumeric(cell),
            paint,
          })),
        ),
      );
    }
    lines.push(
      this.#columns.row(
        entries.map(([, cell]) => ({ text: cellText(cell, this.#zone), isRight: isNumeric(cell) })),
      ),
    );
    return lines.join('\n');
  }
}

/** A view is the event that it shows; a date is text of its own. */
function plain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return 'toJSON' in value && typeof value.toJSON === 'function'
    ? (value.toJSON() as unknown)
    : value;
}

function entriesOf(value: unknown): [string, unknown][] | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const shown = value instanceof Map ? jsonValue('', value) : value;
  if (typeof shown !== 'object' || shown === null || Array.isArray(shown)) return undefined;
  const isPlain = [Object.prototype, null].includes(Object.getPrototypeOf(shown) as object | null);
  const entries = Object.entries(shown).filter(([, cell]) => cell !== undefined);
  return isPlain && entries.length > 0 ? entries : undefined;
}

function isNumeric(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'bigint';
}

function cellText(value: unknown, zone: WallZone): string {
  if (typeof value === 'string') return printable(value);
  if (typeof value === 'number' && !Number.isInteger(value))
    return String(Number(value.toPrecision(6)));
  if (value === null || ['number', 'bigint', 'boolean', 'undefined'].includes(typeof value))
    return String(value);
  if (value instanceof Date && !Number.isNaN(value.getTime())) return wallTimeText(value, zone);
  return printable(JSON.stringify(value, jsonValue) ?? typeof value);
}
