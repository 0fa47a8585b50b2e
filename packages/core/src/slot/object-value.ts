import { Family } from '../schema/family.ts';
import { addressInto, IP4_ADDRESS, NO_ADDRESS } from '../schema/parse-address.ts';
import { NO_SUCH_NAME } from '../schema/parse-names.ts';
import { refuseObjectValue } from './field-range.ts';
import type { ObjectField } from './object-fields.ts';
import { isU64Into, U64_EXPECTED } from './u64-text.ts';

/*
 * One value of an event's object into its slot, whose memory is zero. Each function checks before it writes, and what it writes stays in the field's own bits.
 */
const WORD = 4294967296;
const TWO_64 = WORD * WORD;
const FAMILY_WORD = 3;
const FAMILY_SHIFT = 24;
const COMM_BYTES = 16;

const address = new Uint32Array(4);

function numberInto(field: ObjectField, value: unknown, m: Uint32Array, w: number): void {
  const { parse, max } = field;
  const number = parse !== undefined && typeof value === 'string' ? parse(value) : value;
  if (typeof number !== 'number' || !Number.isInteger(number) || number < 0 || number > max) {
    const names = parse === undefined ? '' : 'a name that objects have for it, or ';
    refuseObjectValue(field.name, `${names}an integer from 0 to ${max}`, value);
  }
  m[w + field.word]! |= number << field.shift;
}

function signedInto(field: ObjectField, value: unknown, m: Uint32Array, w: number): void {
  if (typeof value !== 'number' || (value | 0) !== value)
    refuseObjectValue(field.name, 'an integer from -2147483648 to 2147483647', value);
  m[w + field.word] = value;
}

function booleanInto(field: ObjectField, value: unknown, m: Uint32Array, w: number): void {
  if (typeof value !== 'boolean') refuseObjectValue(field.name, 'true or false', value);
  if (value) m[w + field.word]! |= 1 << field.shift;
}

function portInto(field: ObjectField, value: unknown, m: Uint32Array, w: number): void {
  if (typeof value !== 'number' || (value & field.max) !== value)
    refuseObjectValue(field.name, `an integer from 0 to ${field.max}`, value);
  m[w + field.word]! |= ((value & 255) << 8) | (value >>> 8);
}

function u64Into(field: ObjectField, value: unknown, m: Uint32Array, w: number): void {
  if (!isU64Into(value, m, w + field.word)) refuseObjectValue(field.name, U64_EXPECTED, value);
}

/** A number beyond 2^53 stands for all that round to it. */
function safeInto(field: ObjectField, value: unknown, m: Uint32Array, w: number): void {
  if (typeof value !== 'number') return u64Into(field, value, m, w);
  if (!Number.isInteger(value) || value < 0 || value > TWO_64)
    refuseObjectValue(field.name, 'an integer from 0 to 18446744073709551615', value);
  const at = w + field.word;
  const isMost = value === TWO_64;
  m[at] = isMost ? WORD - 1 : value % WORD;
  m[at + 1] = isMost ? WORD - 1 : Math.floor(value / WORD);
}

function addressFieldInto(field: ObjectField, value: unknown, m: Uint32Array, w: number): void {
  const found = typeof value === 'string' ? addressInto(value, address, 0) : NO_ADDRESS;
  const family = (m[w + FAMILY_WORD]! >>> FAMILY_SHIFT) & 15;
  if (family === Family.AF_INET && found !== IP4_ADDRESS)
    refuseObjectValue(field.name, 'an IPv4 address, as the family says', value);
  if (found === NO_ADDRESS) refuseObjectValue(field.name, 'an IPv4 or IPv6 address', value);
  if (family === Family.AF_INET) m[w + field.word] = address[3]!;
  // The text of a v4-mapped address is that of an IPv4 one.
  if (family === Family.AF_INET6) m.set(address, w + field.wideWord);
}

function commInto(field: ObjectField, value: unknown, m: Uint32Array, w: number): void {
  const expected = 'a text of at most 16 characters without NUL, each one byte (Latin-1)';
  if (typeof value !== 'string' || value.length > COMM_BYTES)
    refuseObjectValue(field.name, expected, value);
  for (let index = 0; index < value.length; index++) {
    const byte = value.charCodeAt(index);
    if (byte === 0 || byte > 255) refuseObjectValue(field.name, expected, value);
    m[w + field.word + (index >>> 2)]! |= byte << ((index & 3) * 8);
  }
}

function wordsInto(field: ObjectField, value: unknown, m: Uint32Array, w: number): void {
  const { count, word } = field;
  const expected = `${count} integers from 0 to 4294967295`;
  if (!Array.isArray(value) || value.length !== count)
    refuseObjectValue(field.name, expected, value);
  const list = value as readonly unknown[];
  for (let index = 0; index < count; index++) {
    const item = list[index];
    if (typeof item !== 'number' || item >>> 0 !== item)
      refuseObjectValue(field.name, expected, value);
    m[w + word + index] = item;
  }
}

/**
 * Writes the value of a field into the slot at word `w`; an address after the family.
 *
 * @throws ERR_SOCKFLOW_FIELD_RANGE
 */
export function objectValueInto(
  field: ObjectField,
  value: unknown,
  m: Uint32Array,
  w: number,
): void {
  switch (field.form) {
    case 'number':
      return numberInto(field, value, m, w);
    case 'signed':
      return signedInto(field, value, m, w);
    case 'boolean':
      return booleanInto(field, value, m, w);
    case 'port':
      return portInto(field, value, m, w);
    case 'u64':
      return u64Into(field, value, m, w);
    case 'safe':
      return safeInto(field, value, m, w);
    case 'address':
      return addressFieldInto(field, value, m, w);
    case 'comm':
      return commInto(field, value, m, w);
    case 'words':
      return wordsInto(field, value, m, w);
    case 'header': // its section is written with the others
  }
}

/** The number that a field's value stands for, which decides about others; -1 where it stands for none. */
export function numberOfName(parse: (text: string) => number, value: unknown, max: number): number {
  const number = typeof value === 'string' ? parse(value) : value;
  const isNumber = typeof number === 'number' && Number.isInteger(number);
  return isNumber && number >= 0 && number <= max ? number : NO_SUCH_NAME;
}
