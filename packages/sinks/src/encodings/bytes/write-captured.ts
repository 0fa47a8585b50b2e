/* Captured bytes of a slot as text; each returns the position after what it wrote. */
const HEX = new TextEncoder().encode('0123456789abcdef');
const COMM_BYTES = 16;
const HEADER_MAX_BYTES = 60;
const BACKSLASH = 0x5c;
const QUOTE = 0x22;

/** Whether JSON escapes a byte below 0x80. */
const IS_ESCAPED: Uint8Array = Uint8Array.from({ length: 128 }, (_, code) =>
  code < 0x20 || code === 0x22 || code === BACKSLASH ? 1 : 0,
);

/** The letter of a two-character escape (`\n`), 0 where JSON writes `\u00xx`. */
const ESCAPE_LETTER: Uint8Array = Uint8Array.from({ length: 128 }, (_, code) => {
  const text = JSON.stringify(String.fromCharCode(code));
  return text.length === 4 ? text.charCodeAt(2) : 0;
});

function writeEscaped(bytes: Uint8Array, position: number, code: number): number {
  let at = position;
  bytes[at++] = BACKSLASH;
  const letter = ESCAPE_LETTER[code]!;
  if (letter !== 0) {
    bytes[at] = letter;
    return at + 1;
  }
  bytes[at++] = 0x75;
  bytes[at++] = 0x30;
  bytes[at++] = 0x30;
  bytes[at++] = HEX[code >>> 4]!;
  bytes[at] = HEX[code & 15]!;
  return at + 1;
}

/** The zero-padded text of 16 bytes at word `w`, each a Latin-1 character, as the inside of a JSON string: at most 96 bytes. */
export function writeComm(
  bytes: Uint8Array,
  position: number,
  words: Uint32Array,
  w: number,
): number {
  let at = position;
  for (let index = 0; index < COMM_BYTES; index++) {
    const code = (words[w + (index >>> 2)]! >>> ((index & 3) * 8)) & 255;
    if (code === 0) break;
    if (code >= 0x80) {
      bytes[at++] = 0xc0 | (code >>> 6);
      bytes[at++] = 0x80 | (code & 63);
    } else if (IS_ESCAPED[code] === 1) {
      at = writeEscaped(bytes, at, code);
    } else {
      bytes[at++] = code;
    }
  }
  return at;
}

/** The captured TCP header of the slot whose section starts at word `w`, in hexadecimal: at most 120 bytes. */
export function writeHeaderHex(
  bytes: Uint8Array,
  position: number,
  words: Uint32Array,
  w: number,
): number {
  const length = Math.min(words[w]! >>> 16, HEADER_MAX_BYTES);
  let at = position;
  for (let index = 0; index < length; index++) {
    const value = (words[w + 1 + (index >>> 2)]! >>> ((index & 3) * 8)) & 255;
    bytes[at++] = HEX[value >>> 4]!;
    bytes[at++] = HEX[value & 15]!;
  }
  return at;
}

function commCode(words: Uint32Array, w: number, index: number): number {
  return (words[w + (index >>> 2)]! >>> ((index & 3) * 8)) & 255;
}

/** Comma, quote and line ends. */
function isCsvSpecial(code: number): boolean {
  return code === 0x2c || code === QUOTE || code === 0x0a || code === 0x0d;
}

/** The text of {@link writeComm} as it is, without escapes: at most 32 bytes. */
export function writeRawComm(
  bytes: Uint8Array,
  position: number,
  words: Uint32Array,
  w: number,
): number {
  let at = position;
  for (let index = 0; index < COMM_BYTES; index++) {
    const code = commCode(words, w, index);
    if (code === 0) break;
    if (code >= 0x80) {
      bytes[at++] = 0xc0 | (code >>> 6);
      bytes[at++] = 0x80 | (code & 63);
    } else {
      bytes[at++] = code;
    }
  }
  return at;
}

/** The text of {@link writeComm} as a CSV field, in quotes where it needs them: at most 34 bytes. */
export function writeCsvComm(
  bytes: Uint8Array,
  position: number,
  words: Uint32Array,
  w: number,
): number {
  let length = 0;
  let isPlain = true;
  for (; length < COMM_BYTES; length++) {
    const code = commCode(words, w, length);
    if (code === 0) break;
    if (isCsvSpecial(code)) isPlain = false;
  }
  if (isPlain && length > 0) return writeRawComm(bytes, position, words, w);
  let at = position;
  bytes[at++] = QUOTE;
  for (let index = 0; index < length; index++) {
    const code = commCode(words, w, index);
    if (code >= 0x80) bytes[at++] = 0xc0 | (code >>> 6);
    if (code === QUOTE) bytes[at++] = QUOTE;
    bytes[at++] = code >= 0x80 ? 0x80 | (code & 63) : code;
  }
  bytes[at] = QUOTE;
  return at + 1;
}
