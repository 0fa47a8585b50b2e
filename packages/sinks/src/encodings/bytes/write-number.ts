/*
 * Decimal digits straight into bytes. Each function returns the position after what it wrote; up to 4 bytes beyond may be overwritten.
 * Digits come four at a time from two tables: padded with zeros (the lower parts of a number) and left-aligned (its first part).
 *
 * Numbers of 32 bits are passed as an i32 holds them (`value | 0`): a number outside its range would be boxed at every call that is not inlined.
 */
const FOUR_DIGITS = 10_000;
const EIGHT_DIGITS = 100_000_000;
const PADDED: Uint32Array = new Uint32Array(FOUR_DIGITS);
const ALIGNED: Uint32Array = new Uint32Array(FOUR_DIGITS);

function packed(text: string): number {
  let word = 0;
  for (let index = 0; index < text.length; index++) word |= text.charCodeAt(index) << (8 * index);
  return word >>> 0;
}

for (let value = 0; value < FOUR_DIGITS; value++) {
  ALIGNED[value] = packed(String(value));
  PADDED[value] = packed(String(value).padStart(4, '0'));
}

/** The first part of a number: 1 to 4 digits. */
function writeFirst(view: DataView, position: number, value: number): number {
  view.setUint32(position, ALIGNED[value]!, true);
  if (value < 100) return position + (value < 10 ? 1 : 2);
  return position + (value < 1000 ? 3 : 4);
}

/** The 8 last digits of a number, zeros included. */
function writeEight(view: DataView, position: number, value: number): number {
  const first = (value / FOUR_DIGITS) | 0;
  view.setUint32(position, PADDED[first]!, true);
  view.setUint32(position + 4, PADDED[value - first * FOUR_DIGITS]!, true);
  return position + 8;
}

/** A number below 2^32, given as i32. */
export function writeUint32(view: DataView, position: number, i32: number): number {
  const value = i32 >>> 0;
  if (value < FOUR_DIGITS) return writeFirst(view, position, value);
  if (value >= EIGHT_DIGITS) {
    const first = (value / EIGHT_DIGITS) >>> 0;
    return writeEight(view, writeFirst(view, position, first), (value - first * EIGHT_DIGITS) | 0);
  }
  const first = (value / FOUR_DIGITS) >>> 0;
  const at = writeFirst(view, position, first);
  view.setUint32(at, PADDED[value - first * FOUR_DIGITS]!, true);
  return at + 4;
}

/**
 * A 64-bit number from its halves, each given as i32, without a bigint: 2^53 and more is divided by 10^6 in two exact steps. The remainder of the upper half
 * times 2^32 stays below 4.3e15, and a quotient below 2^53 / divisor is never rounded up to the next whole number.
 */
export function writeUint64(view: DataView, position: number, low: number, high: number): number {
  if (high === 0) return writeUint32(view, position, low);
  const upperHalf = high >>> 0;
  const lowerHalf = low >>> 0;
  if (upperHalf < 0x200000) {
    const value = upperHalf * 4294967296 + lowerHalf;
    const upper = Math.floor(value / EIGHT_DIGITS);
    const at = writeUint32(view, position, upper | 0);
    return writeEight(view, at, (value - upper * EIGHT_DIGITS) | 0);
  }
  const quotientHigh = Math.floor(upperHalf / 1e6);
  const rest = (upperHalf - quotientHigh * 1e6) * 4294967296 + lowerHalf;
  const quotientLow = Math.floor(rest / 1e6);
  const lastSix = (rest - quotientLow * 1e6) | 0;
  const quotient = quotientHigh * 4294967296 + quotientLow;
  const upper = Math.floor(quotient / EIGHT_DIGITS);
  let at = writeUint32(view, position, upper | 0);
  at = writeEight(view, at, (quotient - upper * EIGHT_DIGITS) | 0);
  const first = (lastSix / FOUR_DIGITS) | 0;
  view.setUint16(at, PADDED[first]! >>> 16, true);
  view.setUint32(at + 2, PADDED[lastSix - first * FOUR_DIGITS]!, true);
  return at + 6;
}
