/*
 * Values in msgpack, straight into bytes; each function returns the position after what it wrote. Numbers are the smallest form, most significant byte first, as the format has it.
 * What fits one byte, the generated code writes itself: how much that is differs where bytes from 0x40 on begin records.
 */
const UINT8 = 0xcc;
const UINT16 = 0xcd;
const UINT32 = 0xce;
const UINT64 = 0xcf;
const INT8 = 0xd0;
const INT16 = 0xd1;
const INT32 = 0xd2;
const INT64 = 0xd3;
const FLOAT64 = 0xcb;
const FIXSTR = 0xa0;
const STR8 = 0xd9;
const MIN_FIXINT = -32;
const FIXSTR_MAX_BYTES = 31;
const TWO_32 = 4294967296;

/** A number below 2^32 that is not one byte, given as i32. */
export function writeMsgpackUint(
  bytes: Uint8Array,
  view: DataView,
  position: number,
  i32: number,
): number {
  const value = i32 >>> 0;
  if (value < 0x100) {
    bytes[position] = UINT8;
    bytes[position + 1] = value;
    return position + 2;
  }
  if (value < 0x10000) {
    bytes[position] = UINT16;
    view.setUint16(position + 1, value);
    return position + 3;
  }
  bytes[position] = UINT32;
  view.setUint32(position + 1, value);
  return position + 5;
}

/** A negative i32. */
export function writeMsgpackNegative(
  bytes: Uint8Array,
  view: DataView,
  position: number,
  value: number,
): number {
  if (value >= MIN_FIXINT) {
    bytes[position] = value & 255;
    return position + 1;
  }
  if (value >= -0x80) {
    bytes[position] = INT8;
    bytes[position + 1] = value & 255;
    return position + 2;
  }
  if (value >= -0x8000) {
    bytes[position] = INT16;
    view.setInt16(position + 1, value);
    return position + 3;
  }
  bytes[position] = INT32;
  view.setInt32(position + 1, value);
  return position + 5;
}

/** Any number that is not one byte: whole ones below 2^32 as such, others as float64. */
export function writeMsgpackNumber(
  bytes: Uint8Array,
  view: DataView,
  position: number,
  value: number,
): number {
  if (value >= 0 && value < TWO_32 && Number.isInteger(value))
    return writeMsgpackUint(bytes, view, position, value | 0);
  bytes[position] = FLOAT64;
  view.setFloat64(position + 1, value);
  return position + 9;
}

/** 64 bits from `low` and `high`, which may be beyond 32 bits on either side: below 0 as int64, from 2^64 on as the nearest float64. */
export function writeMsgpackWide(
  bytes: Uint8Array,
  view: DataView,
  position: number,
  low: number,
  high: number,
): number {
  if (high >= TWO_32 || high < -0x80000000) {
    bytes[position] = FLOAT64;
    view.setFloat64(position + 1, high * TWO_32 + low);
  } else {
    bytes[position] = high < 0 ? INT64 : UINT64;
    view.setInt32(position + 1, high | 0);
    view.setInt32(position + 5, low | 0);
  }
  return position + 9;
}

/** Puts the length before a text that was written from `position + 1` to `end`; moves it where the length takes two bytes. */
export function endMsgpackText(bytes: Uint8Array, position: number, end: number): number {
  const length = end - position - 1;
  if (length <= FIXSTR_MAX_BYTES) {
    bytes[position] = FIXSTR | length;
    return end;
  }
  bytes.copyWithin(position + 2, position + 1, end);
  bytes[position] = STR8;
  bytes[position + 1] = length;
  return end + 1;
}

const encoder = new TextEncoder();

/** A text with its length before it. */
export function msgpackText(text: string): Uint8Array {
  const utf8 = encoder.encode(text);
  const { length } = utf8;
  if (length <= FIXSTR_MAX_BYTES) return Uint8Array.of(FIXSTR | length, ...utf8);
  if (length < 0x100) return Uint8Array.of(STR8, length, ...utf8);
  if (length < 0x10000) return Uint8Array.of(0xda, length >>> 8, length & 255, ...utf8);
  throw new RangeError(`a text of ${length} bytes is none of an event`);
}
