import type { ByteOutput } from './byte-output.ts';

const MAX_UTF8_BYTES_PER_UNIT = 3;
/** From this length on, counting the bytes is cheaper than room for the worst case. */
const COUNT_FROM_UNITS = 8192;
const encoder = new TextEncoder();

function maxBytes(text: string): number {
  return text.length < COUNT_FROM_UNITS
    ? text.length * MAX_UTF8_BYTES_PER_UNIT
    : Buffer.byteLength(text);
}

/** Writes a text and its line end (ASCII) as one item. */
export function writeItem(text: string, lineEnd: string, out: ByteOutput, count: 0 | 1): void {
  out.reserve(maxBytes(text) + lineEnd.length);
  const { written } = encoder.encodeInto(text, out.bytes.subarray(out.position));
  let end = out.position + written;
  for (let index = 0; index < lineEnd.length; index++) out.bytes[end++] = lineEnd.charCodeAt(index);
  out.position = end;
  out.endItem(count);
}

/** Writes bytes as one item. */
export function writeBytesItem(bytes: Uint8Array, out: ByteOutput, count: 0 | 1): void {
  out.reserve(bytes.length);
  out.bytes.set(bytes, out.position);
  out.position += bytes.length;
  out.endItem(count);
}
