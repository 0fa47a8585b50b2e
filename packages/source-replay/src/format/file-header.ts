import { crc32 } from 'node:zlib';

import { describeSlots } from './descriptor.ts';
import { type PartIdentity, readIdentity, writeIdentity } from './frame-header.ts';
import { paddedJson } from './json-text.ts';
import {
  COMPRESSED_MINOR_VERSION,
  FILE_MAGIC,
  MAJOR_VERSION,
  PLAIN_MINOR_VERSION,
  PREAMBLE,
  PREAMBLE_BYTES,
} from './layout.ts';

/** The preamble's facts. */
export interface Preamble {
  readonly major: number;
  readonly minor: number;
  readonly headerBytes: number;
  readonly identity: PartIdentity;
  readonly descriptorBytes: number;
  readonly descriptorCrc: number;
  readonly laneGroups: number;
}

/** The file header of a part: preamble and descriptor. */
export function encodeFileHeader(
  identity: PartIdentity,
  creator: string,
  laneGroups: number,
  isCompressed: boolean,
): Buffer {
  const text = JSON.stringify(describeSlots(creator));
  const descriptor = paddedJson(text);
  const preamble = Buffer.alloc(PREAMBLE_BYTES);
  preamble.set(FILE_MAGIC, 0);
  preamble.writeUInt16LE(MAJOR_VERSION, PREAMBLE.majorOffset);
  const minor = isCompressed ? COMPRESSED_MINOR_VERSION : PLAIN_MINOR_VERSION;
  preamble.writeUInt16LE(minor, PREAMBLE.minorOffset);
  preamble.writeUInt32LE(PREAMBLE_BYTES + descriptor.length, PREAMBLE.headerBytesOffset);
  writeIdentity(preamble, identity, PREAMBLE.identityOffset);
  preamble.writeUInt32LE(Buffer.byteLength(text), PREAMBLE.descriptorBytesOffset);
  preamble.writeUInt32LE(crc32(descriptor), PREAMBLE.descriptorCrcOffset);
  preamble.writeUInt16LE(laneGroups, PREAMBLE.laneGroupsOffset);
  preamble.writeUInt32LE(crc32(preamble.subarray(0, PREAMBLE.crcOffset)), PREAMBLE.crcOffset);
  return Buffer.concat([preamble, descriptor]);
}

/** Whether bytes start as a recording does. */
export function hasFileMagic(bytes: Uint8Array): boolean {
  return FILE_MAGIC.every((value, index) => bytes[index] === value);
}

/** Whether bytes are the start of what starts as a recording does: of fewer than the magic, those that are there. */
export function startsLikeRecording(bytes: Uint8Array): boolean {
  return FILE_MAGIC.every((value, index) => index >= bytes.length || bytes[index] === value);
}

/** @returns the preamble's facts; `undefined` where its CRC is wrong. The magic is the caller's to check. */
export function parsePreamble(bytes: Buffer): Preamble | undefined {
  if (bytes.length < PREAMBLE_BYTES) return undefined;
  const crc = crc32(bytes.subarray(0, PREAMBLE.crcOffset));
  if (crc !== bytes.readUInt32LE(PREAMBLE.crcOffset)) return undefined;
  return {
    major: bytes.readUInt16LE(PREAMBLE.majorOffset),
    minor: bytes.readUInt16LE(PREAMBLE.minorOffset),
    headerBytes: bytes.readUInt32LE(PREAMBLE.headerBytesOffset),
    identity: readIdentity(bytes, PREAMBLE.identityOffset),
    descriptorBytes: bytes.readUInt32LE(PREAMBLE.descriptorBytesOffset),
    descriptorCrc: bytes.readUInt32LE(PREAMBLE.descriptorCrcOffset),
    laneGroups: bytes.readUInt16LE(PREAMBLE.laneGroupsOffset),
  };
}
