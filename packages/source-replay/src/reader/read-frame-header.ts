import { type FrameHeader, parseFrameHeader } from '../format/frame-header.ts';
import { FRAME, FRAME_MAGIC, MAX_FRAME_HEADER_BYTES } from '../format/layout.ts';
import type { RandomAccessFile } from './random-access-file.ts';

/** Bytes read at first: a block's header fits. */
const FIRST_READ_BYTES = 1024;

/** @returns the frame header at `offset`; `undefined` where there is none that is whole. */
export function readFrameHeader(file: RandomAccessFile, offset: number): FrameHeader | undefined {
  const first = Buffer.alloc(FIRST_READ_BYTES);
  const got = file.read(first, offset);
  const bytes = first.subarray(0, got);
  if (got < 64 || bytes.readUInt32LE(FRAME.magicOffset) !== FRAME_MAGIC) return undefined;
  const headerBytes = bytes.readUInt32LE(FRAME.headerBytesOffset);
  if (headerBytes <= got || headerBytes > MAX_FRAME_HEADER_BYTES) {
    return parseFrameHeader(bytes, 0, offset);
  }
  const whole = Buffer.alloc(headerBytes);
  return file.read(whole, offset) < headerBytes ? undefined : parseFrameHeader(whole, 0, offset);
}
