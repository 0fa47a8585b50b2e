import { V4_MAPPED_WORD } from './address.ts';

/** What {@link addressInto} found. */
export const NO_ADDRESS = 0;
export const IP4_ADDRESS = 4;
export const IP6_ADDRESS = 6;

const DOT = 46;
const COLON = 58;
const GROUPS = 8;
/** Longest text: eight groups, or six and a dotted part. */
const MAX_LENGTH = 45;
const NONE = -1;

const groups = new Uint16Array(GROUPS);
const dotted = new Uint32Array(1);

/** Reads text[start, end) as a dotted address into `dotted`. */
function isDotted(text: string, start: number, end: number): boolean {
  let word = 0;
  let octet = NONE;
  let octets = 0;
  for (let index = start; index <= end; index++) {
    const code = index === end ? DOT : text.charCodeAt(index);
    if (code === DOT) {
      if (octet === NONE || octets === 4) return false;
      word |= octet << (octets * 8);
      octets++;
      octet = NONE;
      continue;
    }
    const digit = code - 48;
    // No leading zeros: some readers take them for octal.
    if (digit < 0 || digit > 9 || octet === 0) return false;
    octet = octet === NONE ? digit : octet * 10 + digit;
    if (octet > 255) return false;
  }
  dotted[0] = word;
  return octets === 4;
}

function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const letter = code | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : NONE;
}

/** The hexadecimal group text[start, end), or {@link NONE}. */
function group(text: string, start: number, end: number): number {
  if (end === start || end - start > 4) return NONE;
  let value = 0;
  for (let index = start; index < end; index++) {
    const digit = hexDigit(text.charCodeAt(index));
    if (digit < 0) return NONE;
    value = value * 16 + digit;
  }
  return value;
}

/** Moves the groups from `gap` on to the end, zeros in their place. */
function spread(count: number, gap: number): void {
  groups.copyWithin(GROUPS - (count - gap), gap, count);
  groups.fill(0, gap, GROUPS - (count - gap));
}

function swapped(value: number): number {
  return ((value & 255) << 8) | (value >>> 8);
}

/** Takes a dotted last part as two groups. */
function addDotted(count: number): number {
  const word = dotted[0]!;
  groups[count] = swapped(word & 0xffff);
  groups[count + 1] = swapped(word >>> 16);
  return count + 2;
}

/** Reads an IPv6 address into `groups`. */
function isGroups(text: string): boolean {
  const { length } = text;
  let count = 0;
  let gap = NONE;
  let at = 0;
  if (text.charCodeAt(0) === COLON) {
    if (text.charCodeAt(1) !== COLON) return false;
    gap = 0;
    at = 2;
  }
  while (at < length) {
    const colon = text.indexOf(':', at);
    const end = colon < 0 ? length : colon;
    const value = count < GROUPS ? group(text, at, end) : NONE;
    if (value < 0) {
      if (end !== length || count > GROUPS - 2 || !isDotted(text, at, end)) return false;
      count = addDotted(count);
      break;
    }
    groups[count++] = value;
    if (end === length) break;
    at = end + 1;
    if (text.charCodeAt(at) === COLON) {
      if (gap !== NONE) return false;
      gap = count;
      at++;
    } else if (at === length) {
      return false;
    }
  }
  if (gap === NONE) return count === GROUPS;
  if (count === GROUPS) return false;
  spread(count, gap);
  return true;
}

/**
 * Reads an address as text into four words at `at`, as they lie in a slot (network byte order, read little-endian): an IPv4 address as the v4-mapped IPv6 one, so that
 * its own word is the last.
 *
 * @returns {@link IP4_ADDRESS} or {@link IP6_ADDRESS} by what the text was, {@link NO_ADDRESS} where it is none; then nothing is written.
 */
export function addressInto(text: string, m: Uint32Array, at: number): number {
  if (text.length > MAX_LENGTH) return NO_ADDRESS;
  if (isDotted(text, 0, text.length)) {
    m[at] = 0;
    m[at + 1] = 0;
    m[at + 2] = V4_MAPPED_WORD;
    m[at + 3] = dotted[0]!;
    return IP4_ADDRESS;
  }
  if (!isGroups(text)) return NO_ADDRESS;
  for (let index = 0; index < 4; index++) {
    m[at + index] = swapped(groups[index * 2]!) | (swapped(groups[index * 2 + 1]!) << 16);
  }
  return IP6_ADDRESS;
}
