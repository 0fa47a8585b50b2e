import { refuseValue } from './field-range.ts';

const WORD = 4294967296;

/** What a refusal says was expected of one. */
export const U64_EXPECTED =
  'an integer from 0 to 18446744073709551615 as a decimal string, a bigint or a safe integer';

/** The digits of text[start, end) as a number of at most 11 digits; -1 where there is something else. */
function digits(text: string, start: number, end: number): number {
  let value = 0;
  for (let index = start; index < end; index++) {
    const digit = text.charCodeAt(index) - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** Decimal text without a bigint: high * 1e9 + low in two 32-bit halves, with `high` split so that each product stays below 2^53. */
function isTextInto(text: string, m: Uint32Array, index: number): boolean {
  const cut = Math.max(0, text.length - 9);
  if (text === '' || text.length > 20) return false;
  const high = digits(text, 0, cut);
  const low = digits(text, cut, text.length);
  const isPadded = text.length > 1 && text.charCodeAt(0) === 48;
  if (high < 0 || low < 0 || isPadded) return false;
  const upper = Math.floor(high / 65536) * 1e9;
  const lower = (upper % 65536) * 65536 + (high % 65536) * 1e9 + low;
  const highWord = Math.floor(upper / 65536) + Math.floor(lower / WORD);
  if (highWord >= WORD) return false;
  m[index] = lower % WORD;
  m[index + 1] = highWord;
  return true;
}

/** Writes a u64 as two words at `index`; false, and nothing written, for anything that is not an unsigned 64-bit integer. */
export function isU64Into(value: unknown, m: Uint32Array, index: number): boolean {
  if (typeof value === 'string') return isTextInto(value, m, index);
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value) || value < 0) return false;
    m[index] = value % WORD;
    m[index + 1] = Math.floor(value / WORD);
    return true;
  }
  if (typeof value !== 'bigint' || value < 0n || value > 0xffffffffffffffffn) return false;
  m[index] = Number(value & 0xffffffffn);
  m[index + 1] = Number(value >> 32n);
  return true;
}

/**
 * Writes a u64 as two words at `index`.
 *
 * @throws ERR_SOCKFLOW_FIELD_RANGE for anything that is not an unsigned 64-bit integer.
 */
export function u64Into(field: string, value: unknown, m: Uint32Array, index: number): void {
  if (!isU64Into(value, m, index)) refuseValue(field, U64_EXPECTED, value);
}

/** The u64 in two words at `index` as decimal text. */
export function u64Text(m: Uint32Array, index: number): string {
  const high = m[index + 1]!;
  const low = m[index]!;
  if (high < 0x200000) return String(high * WORD + low);
  return ((BigInt(high) << 32n) | BigInt(low)).toString();
}
