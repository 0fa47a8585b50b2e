import { crc32 } from 'node:zlib';

import { type FrameHeader, parseFrameHeader, readU64 } from '../format/frame-header.ts';
import {
  ALIGN_BYTES,
  FRAME,
  FRAME_MAGIC,
  MAX_FRAME_HEADER_BYTES,
  MIN_FRAME_HEADER_BYTES,
} from '../format/layout.ts';
import type { RandomAccessFile } from '../reader/random-access-file.ts';
import type { InvariantId } from './invariants.ts';

/** Why bytes are no frame header, or none that is right. */
export interface FrameFault {
  readonly invariant: InvariantId;
  readonly expected: string;
  readonly found: string;
}

/** A frame header as it lies there: with its fault it may still say how long the frame is. */
export interface FoundFrame {
  readonly frame: FrameHeader | undefined;
  readonly fault: FrameFault | undefined;
}

/** Reads the frame header at `offset`, and says what is wrong with it. */
export function findFrameAt(file: RandomAccessFile, offset: number): FoundFrame {
  const start = Buffer.alloc(MIN_FRAME_HEADER_BYTES);
  const got = file.read(start, offset);
  if (got < MIN_FRAME_HEADER_BYTES) {
    return none('F1', `a frame header of at least ${MIN_FRAME_HEADER_BYTES} bytes`, `${got} bytes`);
  }
  const magic = start.readUInt32LE(FRAME.magicOffset);
  if (magic !== FRAME_MAGIC) return none('F1', 'a frame', `bytes ${hex(start.subarray(0, 4))}`);
  const headerBytes = start.readUInt32LE(FRAME.headerBytesOffset);
  if (headerBytes < MIN_FRAME_HEADER_BYTES || headerBytes > MAX_FRAME_HEADER_BYTES) {
    return none('F1', 'a header of 64 to 65536 bytes', `${headerBytes} bytes`);
  }
  if (headerBytes % ALIGN_BYTES !== 0) {
    return none('F1', 'a header of a multiple of 64 bytes', `${headerBytes} bytes`);
  }
  const header = Buffer.alloc(headerBytes);
  const whole = file.read(header, offset);
  if (whole < headerBytes) return none('F1', `a header of ${headerBytes} bytes`, `${whole} bytes`);
  return checkHeader(header, offset);
}

function checkHeader(header: Buffer, offset: number): FoundFrame {
  const crc = crc32(header.subarray(0, header.length - 4));
  const stated = header.readUInt32LE(header.length - 4);
  if (crc !== stated) return none('F2', `header CRC ${hex32(crc)}`, hex32(stated));
  const bodyBytes = header.readUInt32LE(FRAME.bodyBytesOffset);
  if (bodyBytes % ALIGN_BYTES !== 0) {
    return none('F1', 'a body of a multiple of 64 bytes', `${bodyBytes} bytes`);
  }
  const place = readU64(header, FRAME.offsetOffset);
  const frame = parseFrameHeader(header, 0, place);
  if (frame === undefined) {
    return none('F1', 'a header as long as its type needs', `${header.length} bytes`);
  }
  if (place === offset) return { frame, fault: undefined };
  return {
    frame: { ...frame, offset },
    fault: { invariant: 'F3', expected: `offset ${offset}`, found: `${place}` },
  };
}

function none(invariant: InvariantId, expected: string, found: string): FoundFrame {
  return { frame: undefined, fault: { invariant, expected, found } };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** A CRC as it is written. */
export function hex32(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}
