import { crc32 } from 'node:zlib';

import {
  ALIGN_BYTES,
  BLOCK_HEADER_BYTES,
  FRAME,
  FRAME_MAGIC,
  FrameType,
  MAX_FRAME_HEADER_BYTES,
  MIN_FRAME_HEADER_BYTES,
  RECORDING_ID_BYTES,
  TRAILER_BYTES,
} from './layout.ts';

/** What every frame of a part, and its preamble, say of the part (F3). */
export interface PartIdentity {
  /** 32 hexadecimal digits. */
  readonly recordingId: string;
  readonly part: number;
  readonly parts: number;
  readonly schemaFingerprint: number;
}

/** The bytes that say it: the same in the preamble and in a frame's header. */
const IDENTITY_BYTES = 24;

/** The part of a frame's header that all types have. */
export interface FrameHeader {
  readonly type: number;
  readonly flags: number;
  readonly headerBytes: number;
  readonly bodyBytes: number;
  readonly offset: number;
  readonly number: number;
  readonly bodyCrc: number;
  readonly originNumber: number;
  /** The whole header. */
  readonly bytes: Buffer;
}

/** What the writer fills in for a frame. */
export interface FrameFields {
  type: number;
  bodyBytes: number;
  bodyCrc: number;
  offset: number;
  number: number;
  originNumber: number;
}

/** Writes the common fields into a frame's header. */
export function writeFrameFields(
  header: Buffer,
  fields: Readonly<FrameFields>,
  identity: PartIdentity,
): void {
  header.writeUInt32LE(FRAME_MAGIC, FRAME.magicOffset);
  header.writeUInt16LE(fields.type, FRAME.typeOffset);
  header.writeUInt16LE(0, FRAME.flagsOffset);
  header.writeUInt32LE(header.length, FRAME.headerBytesOffset);
  header.writeUInt32LE(fields.bodyBytes, FRAME.bodyBytesOffset);
  writeU64(header, fields.offset, FRAME.offsetOffset);
  header.writeUInt32LE(fields.number, FRAME.numberOffset);
  header.writeUInt32LE(fields.bodyCrc, FRAME.bodyCrcOffset);
  writeIdentity(header, identity, FRAME.identityOffset);
  header.writeUInt32LE(fields.originNumber, FRAME.originNumberOffset);
}

/**
 * Writes a header's CRC, once all else of it is written (F2).
 *
 * @param checked the header without its last four bytes, where the caller has it as an array already
 */
export function sealHeader(
  header: Buffer,
  checked: Uint8Array = header.subarray(0, header.length - 4),
): void {
  header.writeUInt32LE(crc32(checked), header.length - 4);
}

/**
 * Looks for a frame header in bytes.
 *
 * @param at where in `bytes` the header would start
 * @param offset where in the file that is: a header states its own place (F3)
 * @param isChecked whether a CRC over all the bytes was right: then the header's own is not looked at
 * @returns the header there; `undefined` where there is none that is whole.
 */
export function parseFrameHeader(
  bytes: Buffer,
  at: number,
  offset: number,
  isChecked = false,
): FrameHeader | undefined {
  if (at + MIN_FRAME_HEADER_BYTES > bytes.length) return undefined;
  if (bytes.readUInt32LE(at) !== FRAME_MAGIC) return undefined;
  const headerBytes = bytes.readUInt32LE(at + FRAME.headerBytesOffset);
  if (headerBytes < MIN_FRAME_HEADER_BYTES || headerBytes > MAX_FRAME_HEADER_BYTES) {
    return undefined;
  }
  if (headerBytes % ALIGN_BYTES !== 0 || at + headerBytes > bytes.length) return undefined;
  if (headerBytes < leastHeaderBytes(bytes.readUInt16LE(at + FRAME.typeOffset))) return undefined;
  const header = bytes.subarray(at, at + headerBytes);
  if (
    !isChecked &&
    crc32(header.subarray(0, headerBytes - 4)) !== header.readUInt32LE(headerBytes - 4)
  ) {
    return undefined;
  }
  const bodyBytes = header.readUInt32LE(FRAME.bodyBytesOffset);
  if (readU64(header, FRAME.offsetOffset) !== offset || bodyBytes % ALIGN_BYTES !== 0) {
    return undefined;
  }
  return {
    type: header.readUInt16LE(FRAME.typeOffset),
    flags: header.readUInt16LE(FRAME.flagsOffset),
    headerBytes,
    bodyBytes,
    offset,
    number: header.readUInt32LE(FRAME.numberOffset),
    bodyCrc: header.readUInt32LE(FRAME.bodyCrcOffset),
    originNumber: header.readUInt32LE(FRAME.originNumberOffset),
    bytes: header,
  };
}

/** Later versions may add to a header, none takes from it. */
function leastHeaderBytes(type: number): number {
  if (type === FrameType.BLOCK) return BLOCK_HEADER_BYTES;
  return type === FrameType.TRAILER ? TRAILER_BYTES : MIN_FRAME_HEADER_BYTES;
}

/** Reads the identity of a part that is at `offset` of a preamble or frame header. */
export function readIdentity(bytes: Buffer, offset: number): PartIdentity {
  return {
    recordingId: bytes.toString('hex', offset, offset + RECORDING_ID_BYTES),
    part: bytes.readUInt16LE(offset + 16),
    parts: bytes.readUInt16LE(offset + 18),
    schemaFingerprint: bytes.readUInt32LE(offset + 20),
  };
}

/** Writes the identity of a part at `offset` of a preamble or frame header. */
export function writeIdentity(bytes: Buffer, identity: PartIdentity, offset: number): void {
  bytes.write(identity.recordingId, offset, 'hex');
  bytes.writeUInt16LE(identity.part, offset + 16);
  bytes.writeUInt16LE(identity.parts, offset + 18);
  bytes.writeUInt32LE(identity.schemaFingerprint, offset + 20);
}

/** @returns the identity as bytes, to be compared with {@link isOfPart}. */
export function identityBytes(identity: PartIdentity): Buffer {
  const bytes = Buffer.alloc(IDENTITY_BYTES);
  writeIdentity(bytes, identity, 0);
  return bytes;
}

/** Whether a frame says that it is of the part with this identity (F3). */
export function isOfPart({ bytes }: FrameHeader, identity: Buffer): boolean {
  const { identityOffset } = FRAME;
  return (
    bytes.compare(identity, 0, IDENTITY_BYTES, identityOffset, identityOffset + IDENTITY_BYTES) ===
    0
  );
}

/** Writes an integer below 2^53 as u64. */
export function writeU64(bytes: Buffer, value: number, offset: number): void {
  bytes.writeUInt32LE(value % 0x100000000, offset);
  bytes.writeUInt32LE(Math.floor(value / 0x100000000), offset + 4);
}

/** Reads a u64 as a number: exact below 2^53, and above it no offset or count of a real file. */
export function readU64(bytes: Buffer, offset: number): number {
  return bytes.readUInt32LE(offset) + bytes.readUInt32LE(offset + 4) * 0x100000000;
}
