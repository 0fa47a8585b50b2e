/** Longer texts are seldom seen twice: captured headers. */
const MAX_CACHED_BYTES = 48;
const ENTRIES = 2048;
const NON_ASCII = 0x80;

/**
 * Texts by their bytes: names, flags and addresses come again and again, and a text that is known need not be made. What is in a place of the table is replaced by what comes there next.
 */
export class TextCache {
  readonly #texts: (string | undefined)[];

  constructor() {
    this.#texts = Array.from({ length: ENTRIES });
  }

  /** The UTF-8 text in bytes[start, end); what is no UTF-8 is U+FFFD. */
  read(bytes: Buffer, start: number, end: number): string {
    const length = end - start;
    if (length > MAX_CACHED_BYTES) return bytes.toString('utf8', start, end);
    let hash = length;
    let all = 0;
    for (let index = start; index < end; index++) {
      const byte = bytes[index] as number;
      all |= byte;
      hash = (Math.imul(hash, 31) + byte) | 0;
    }
    if (all >= NON_ASCII) return bytes.toString('utf8', start, end);
    const place = (hash ^ (hash >>> 15)) & (ENTRIES - 1);
    const known = this.#texts[place];
    if (known !== undefined && isSame(known, bytes, start, length)) return known;
    const text = bytes.toString('latin1', start, end);
    this.#texts[place] = text;
    return text;
  }
}

function isSame(text: string, bytes: Buffer, start: number, length: number): boolean {
  if (text.length !== length) return false;
  for (let index = 0; index < length; index++) {
    if (text.charCodeAt(index) !== bytes[start + index]) return false;
  }
  return true;
}
