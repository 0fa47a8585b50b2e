import { crc32 } from 'node:zlib';

import { LANE_BUCKETS } from '@sockflow/core';

import { parsePreamble, type Preamble } from '../format/file-header.ts';
import {
  ALIGN_BYTES,
  FILE_MAGIC,
  MAX_FILE_HEADER_BYTES,
  PREAMBLE,
  PREAMBLE_BYTES,
} from '../format/layout.ts';
import type { RandomAccessFile } from '../reader/random-access-file.ts';
import type { InvariantId } from './invariants.ts';
import { hex32 } from './read-frame.ts';

/** Takes what is wrong with the file header. */
export type ReportFault = (invariant: InvariantId, expected: string, found: string) => void;

/** Checks preamble and descriptor. @returns the preamble; `undefined` where it cannot be read. */
export function checkFileHeader(file: RandomAccessFile, report: ReportFault): Preamble | undefined {
  const bytes = Buffer.alloc(PREAMBLE_BYTES);
  file.read(bytes, 0);
  const magic = bytes.toString('hex', 0, FILE_MAGIC.length);
  const expectedMagic = Buffer.from(FILE_MAGIC).toString('hex');
  const crc = crc32(bytes.subarray(0, PREAMBLE.crcOffset));
  const statedCrc = bytes.readUInt32LE(PREAMBLE.crcOffset);
  if (magic !== expectedMagic) report('F2', `magic ${expectedMagic}`, magic);
  else if (crc !== statedCrc) report('F2', `preamble CRC ${hex32(crc)}`, hex32(statedCrc));
  bytes.set(FILE_MAGIC, 0);
  const preamble = parsePreamble(bytes);
  if (preamble === undefined) return undefined;
  checkNumbers(preamble, report);
  const { headerBytes } = preamble;
  if (headerBytes < PREAMBLE_BYTES || headerBytes > MAX_FILE_HEADER_BYTES) return undefined;
  checkDescriptor(file, preamble, report);
  return preamble;
}

function checkNumbers({ headerBytes, laneGroups, identity }: Preamble, report: ReportFault): void {
  if (headerBytes % ALIGN_BYTES !== 0 || headerBytes > MAX_FILE_HEADER_BYTES) {
    report('F1', 'a file header of a multiple of 64 bytes, at most 1 MiB', `${headerBytes} bytes`);
  }
  const isPowerOfTwo = (laneGroups & (laneGroups - 1)) === 0;
  if (laneGroups < 1 || laneGroups > LANE_BUCKETS || !isPowerOfTwo) {
    report('F14', '1, 2, 4 … 64 lane groups', `${laneGroups}`);
  }
  const { part, parts } = identity;
  if (part >= parts) report('F12', `a part from 0 to ${parts - 1}`, `part ${part} of ${parts}`);
}

function checkDescriptor(file: RandomAccessFile, preamble: Preamble, report: ReportFault): void {
  const bytes = Buffer.alloc(preamble.headerBytes - PREAMBLE_BYTES);
  file.read(bytes, PREAMBLE_BYTES);
  const crc = crc32(bytes);
  if (crc !== preamble.descriptorCrc) {
    report('F2', `descriptor CRC ${hex32(preamble.descriptorCrc)}`, hex32(crc));
    return;
  }
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8', 0, preamble.descriptorBytes));
  } catch {
    report('F2', 'a descriptor of JSON', 'another text');
    return;
  }
  const { fields, kindFields } = value as { fields?: unknown; kindFields?: unknown };
  const fingerprint = crc32(JSON.stringify([fields, kindFields]));
  const stated = preamble.identity.schemaFingerprint;
  if (fingerprint !== stated) {
    report('F2', `schema fingerprint ${hex32(fingerprint)}`, hex32(stated));
  }
}
