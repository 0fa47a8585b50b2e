/** Third word of a v4-mapped address (::ffff:a.b.c.d), read little-endian. */
const V4_MAPPED_WORD = 0xffff0000;

/* Addresses as core's formatIp4 and formatIp6 give them, straight into bytes; each returns the position after what it wrote. */
const DOT = 0x2e;
const COLON = 0x3a;
const HEX = new TextEncoder().encode('0123456789abcdef');

function writeByte(bytes: Uint8Array, position: number, value: number): number {
  let at = position;
  if (value >= 100) {
    const hundreds = (value / 100) | 0;
    bytes[at++] = 48 + hundreds;
    const rest = value - hundreds * 100;
    bytes[at++] = 48 + ((rest / 10) | 0);
    bytes[at] = 48 + (rest % 10);
    return at + 1;
  }
  if (value >= 10) bytes[at++] = 48 + ((value / 10) | 0);
  bytes[at] = 48 + (value % 10);
  return at + 1;
}

/** An IPv4 address from the u32 that holds it in network byte order, read little-endian: at most 15 bytes. */
export function writeIp4(bytes: Uint8Array, position: number, word: number): number {
  let at = writeByte(bytes, position, word & 255);
  bytes[at++] = DOT;
  at = writeByte(bytes, at, (word >>> 8) & 255);
  bytes[at++] = DOT;
  at = writeByte(bytes, at, (word >>> 16) & 255);
  bytes[at++] = DOT;
  return writeByte(bytes, at, word >>> 24);
}

/** Group `index` (0 to 7) of the address at word `w`. */
function groupAt(words: Uint32Array, w: number, index: number): number {
  const half = words[w + (index >>> 1)]! >>> ((index & 1) * 16);
  return ((half & 255) << 8) | ((half >>> 8) & 255);
}

function writeGroup(bytes: Uint8Array, position: number, value: number): number {
  let at = position;
  if (value >= 0x1000) bytes[at++] = HEX[value >>> 12]!;
  if (value >= 0x100) bytes[at++] = HEX[(value >>> 8) & 15]!;
  if (value >= 0x10) bytes[at++] = HEX[(value >>> 4) & 15]!;
  bytes[at] = HEX[value & 15]!;
  return at + 1;
}

/** The first of the longest runs of zero groups of at least two: start * 16 + length; -1 where there is none. */
function zeroRun(words: Uint32Array, w: number): number {
  let bestStart = -1;
  let bestLength = 1;
  let length = 0;
  for (let index = 0; index < 8; index++) {
    length = groupAt(words, w, index) === 0 ? length + 1 : 0;
    if (length > bestLength) {
      bestLength = length;
      bestStart = index + 1 - length;
    }
  }
  return bestStart < 0 ? -1 : bestStart * 16 + bestLength;
}

/** An IPv6 address of four words at word `w`, v4-mapped ones as IPv4: at most 39 bytes. */
export function writeIp6(
  bytes: Uint8Array,
  position: number,
  words: Uint32Array,
  w: number,
): number {
  if (words[w] === 0 && words[w + 1] === 0 && words[w + 2] === V4_MAPPED_WORD)
    return writeIp4(bytes, position, words[w + 3]!);
  const run = zeroRun(words, w);
  const runStart = run < 0 ? -1 : run >>> 4;
  const runEnd = run < 0 ? -1 : runStart + (run & 15);
  let at = position;
  for (let index = 0; index < 8; index++) {
    if (index === runStart) {
      bytes[at++] = COLON;
      bytes[at++] = COLON;
      index = runEnd - 1;
    } else {
      if (index > 0 && index !== runEnd) bytes[at++] = COLON;
      at = writeGroup(bytes, at, groupAt(words, w, index));
    }
  }
  return at;
}
