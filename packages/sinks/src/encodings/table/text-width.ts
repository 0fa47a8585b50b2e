import stringWidth from 'string-width';

/** What nearly all texts are made of: printable ASCII, and the arrows of rows. Each takes one column. */
const NARROW = /^[\u0020-\u007e←→]*$/;

/** Columns that a text takes on a terminal, colours not counted. Segmenting a text into what a reader sees costs more than all the rest of a row: only texts that need it are. */
export function textWidth(text: string): number {
  return NARROW.test(text) ? text.length : stringWidth(text);
}
