const SECTION_WORD = 64;
const HEADER_MAX_BYTES = 60;

/** Byte `index` of the memory that starts at word `w`. */
function byteAt(m: Uint32Array, w: number, index: number): number {
  return (m[w + (index >>> 2)]! >>> ((index & 3) * 8)) & 255;
}

/** The zero-padded text of 16 bytes at word `w`; bytes beyond ASCII as Latin-1, so that each stays what it was. */
export function commText(m: Uint32Array, w: number): string {
  let text = '';
  for (let index = 0; index < 16; index++) {
    const byte = byteAt(m, w, index);
    if (byte === 0) break;
    text += String.fromCharCode(byte);
  }
  return text;
}

/** Bytes of the TCP header of the slot at word `w`, never more than the section may have. The slot must have the section. */
export function headerLength(m: Uint32Array, w: number): number {
  return Math.min(m[w + SECTION_WORD]! >>> 16, HEADER_MAX_BYTES);
}

/** Copies the TCP header of the slot at word `w` into `target`; the bytes copied. The slot must have the section. */
export function headerInto(m: Uint32Array, w: number, target: Uint8Array): number {
  const length = Math.min(headerLength(m, w), target.length);
  for (let index = 0; index < length; index++)
    target[index] = byteAt(m, w + SECTION_WORD + 1, index);
  return length;
}

/** The TCP header of the slot at word `w` in hexadecimal. The slot must have the section. */
export function headerHex(m: Uint32Array, w: number): string {
  const length = headerLength(m, w);
  let text = '';
  for (let index = 0; index < length; index++) {
    const byte = byteAt(m, w + SECTION_WORD + 1, index);
    text += (byte < 16 ? '0' : '') + byte.toString(16);
  }
  return text;
}
