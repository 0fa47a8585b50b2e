import { type FrameHeader, parseFrameHeader } from '../format/frame-header.ts';
import {
  FRAME,
  FRAME_MAGIC,
  MAX_FRAME_HEADER_BYTES,
  MIN_FRAME_HEADER_BYTES,
} from '../format/layout.ts';
import type { RandomAccessFile } from './random-access-file.ts';

/** Bytes read at first: a block's header fits. */
const FIRST_READ_BYTES = 1024;
/** Headers are read one behind the other into memory of this size: a buffer for each of a recording's 20,000 would cost more than reading them. */
const SLAB_BYTES = 256 << 10;

let slab = Buffer.alloc(0);
let usedBytes = 0;

/** @returns the frame header at `offset`; `undefined` where there is none that is whole. */
export function readFrameHeader(file: RandomAccessFile, offset: number): FrameHeader | undefined {
  // A header may name any offset; files have no more than 2^53 bytes.
  if (offset + MIN_FRAME_HEADER_BYTES > file.sizeBytes) return undefined;
  const first = roomFor(FIRST_READ_BYTES);
  const got = file.read(first, offset);
  const bytes = first.subarray(0, got);
  if (got < 64 || bytes.readUInt32LE(FRAME.magicOffset) !== FRAME_MAGIC) return undefined;
  const headerBytes = bytes.readUInt32LE(FRAME.headerBytesOffset);
  if (headerBytes <= got || headerBytes > MAX_FRAME_HEADER_BYTES) {
    return kept(parseFrameHeader(bytes, 0, offset));
  }
  const whole = roomFor(headerBytes);
  return file.read(whole, offset) < headerBytes
    ? undefined
    : kept(parseFrameHeader(whole, 0, offset));
}

/** The next free memory, which is taken once a header lies in it. */
function roomFor(bytes: number): Buffer {
  if (slab.length - usedBytes < bytes) {
    slab = Buffer.alloc(SLAB_BYTES);
    usedBytes = 0;
  }
  return slab.subarray(usedBytes, usedBytes + bytes);
}

function kept(header: FrameHeader | undefined): FrameHeader | undefined {
  usedBytes += header?.headerBytes ?? 0;
  return header;
}
