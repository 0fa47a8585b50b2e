import type { ByteOutput } from './byte-output.ts';

const MAX_UTF8_BYTES_PER_UNIT = 3;
/** From this length on, counting the bytes is cheaper than room for the worst case. */
const COUNT_FROM_UNITS = 8192;
/** The chunk that was written to last, as a Buffer: it writes at a position, where an encoder needs a new array for each text. */
let lastBytes: Uint8Array = new Uint8Array(0);
let lastBuffer: Buffer = Buffer.from(lastBytes.buffer);

function bufferOf(bytes: Uint8Array): Buffer {
  if (bytes !== lastBytes) {
    lastBytes = bytes;
    lastBuffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }
  return lastBuffer;
}

function maxBytes(text: string): number {
  return text.length < COUNT_FROM_UNITS
    ? text.length * MAX_UTF8_BYTES_PER_UNIT
    : Buffer.byteLength(text);
}

/** Writes a text and its line end (ASCII) as one item. */
export function writeItem(text: string, lineEnd: string, out: ByteOutput, count: 0 | 1): void {
  out.reserve(maxBytes(text) + lineEnd.length);
  let end = out.position + bufferOf(out.bytes).write(text, out.position);
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
