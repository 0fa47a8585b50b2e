import { jsonValue } from '../json-value.ts';

const NEEDS_QUOTES = /[",\r\n]/;

/** A text as a CSV field: in quotes only where it has a comma, a quote or a line end, or is empty, so that it differs from nothing. */
export function csvText(text: string): string {
  return text === '' || NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A value as a CSV field: nothing for what is not there, JSON for what has parts. */
export function csvCell(value: unknown): string {
  if (typeof value === 'string') return csvText(value);
  if (typeof value === 'object') return value === null ? '' : objectCell(value);
  const isText =
    typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean';
  return isText ? String(value) : '';
}

function objectCell(value: object): string {
  if ('toJSON' in value && typeof value.toJSON === 'function')
    return csvCell((value.toJSON as () => unknown)());
  return csvText(JSON.stringify(value, jsonValue));
}

/** Fields as a line without its end; the line of one empty field is not empty, as readers skip empty lines. */
export function csvLine(cells: readonly string[]): string {
  const line = cells.join(',');
  return line === '' ? '""' : line;
}
