import { crc32 } from 'node:zlib';

import { SourceError } from '../errors.ts';
import { type Descriptor, schemaConflict, SCHEMA_FINGERPRINT } from '../format/descriptor.ts';
import {
  hasFileMagic,
  parsePreamble,
  type Preamble,
  startsLikeRecording,
} from '../format/file-header.ts';
import {
  FILE_MAGIC,
  MAJOR_VERSION,
  MAX_FILE_HEADER_BYTES,
  PREAMBLE_BYTES,
} from '../format/layout.ts';
import type { RandomAccessFile } from './random-access-file.ts';

/** What a file header says; a part that is damaged is `undefined`. */
export interface ReadFileHeader {
  readonly preamble: Preamble | undefined;
  readonly descriptor: Descriptor | undefined;
  readonly isDamaged: boolean;
}

/**
 * Reads the file header of a part, and refuses what cannot be read by this version.
 *
 * @throws ERR_SOCKFLOW_RECORDING_EMPTY
 * @throws ERR_SOCKFLOW_NOT_A_RECORDING
 * @throws ERR_SOCKFLOW_RECORDING_VERSION
 * @throws ERR_SOCKFLOW_RECORDING_SCHEMA
 * @throws ERR_SOCKFLOW_RECORDING_DAMAGED where the file was cut within the header
 */
export function readFileHeader(file: RandomAccessFile): ReadFileHeader {
  const start = Buffer.alloc(PREAMBLE_BYTES);
  const got = file.read(start, 0);
  const isMagic = hasFileMagic(start);
  // The preamble's CRC covers the magic: one that matches with the right magic in place was a recording's.
  start.set(FILE_MAGIC, 0);
  const preamble = parsePreamble(start);
  if (!isMagic && preamble === undefined) checkStart(file, got);
  if (got < PREAMBLE_BYTES) throw cutInHeader(file, PREAMBLE_BYTES);
  if (preamble === undefined) return { preamble, descriptor: undefined, isDamaged: true };
  if (preamble.major > MAJOR_VERSION) throw newerVersion(file, preamble);
  if (preamble.headerBytes > MAX_FILE_HEADER_BYTES || preamble.headerBytes < PREAMBLE_BYTES) {
    return { preamble, descriptor: undefined, isDamaged: true };
  }
  if (preamble.headerBytes > file.sizeBytes) throw cutInHeader(file, preamble.headerBytes);
  const descriptor = readDescriptor(file, preamble);
  if (preamble.identity.schemaFingerprint !== SCHEMA_FINGERPRINT) checkSchema(file, descriptor);
  return { preamble, descriptor, isDamaged: !isMagic || descriptor === undefined };
}

/** Whether a file is a recording's start and nothing else: empty, or cut within its file header. */
export function endsWithinHeader(file: RandomAccessFile): boolean {
  const start = Buffer.alloc(PREAMBLE_BYTES);
  const got = file.read(start, 0);
  if (!startsLikeRecording(start.subarray(0, got))) return false;
  if (got < PREAMBLE_BYTES) return true;
  const headerBytes = parsePreamble(start)?.headerBytes ?? 0;
  return headerBytes <= MAX_FILE_HEADER_BYTES && headerBytes > file.sizeBytes;
}

function checkSchema(file: RandomAccessFile, descriptor: Descriptor | undefined): void {
  const conflict =
    descriptor === undefined
      ? 'other fields than this version, and its table of them is damaged'
      : schemaConflict(descriptor);
  if (conflict === undefined) return;
  throw new SourceError(
    'ERR_SOCKFLOW_RECORDING_SCHEMA',
    `recording '${file.path}' has ${conflict}`,
    {
      details: { path: file.path },
      remedy:
        'Read it with the version of sockflow that wrote it, or convert it with that to context-json',
    },
  );
}

function readDescriptor(file: RandomAccessFile, preamble: Preamble): Descriptor | undefined {
  const bytes = Buffer.alloc(preamble.headerBytes - PREAMBLE_BYTES);
  if (file.read(bytes, PREAMBLE_BYTES) < bytes.length) return undefined;
  if (crc32(bytes) !== preamble.descriptorCrc) return undefined;
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8', 0, preamble.descriptorBytes));
    return isDescriptor(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isDescriptor(value: unknown): value is Descriptor {
  return (
    typeof value === 'object' &&
    value !== null &&
    'creator' in value &&
    typeof value.creator === 'string' &&
    'fields' in value &&
    Array.isArray(value.fields) &&
    value.fields.every((field) => typeof field === 'object' && field !== null) &&
    'slotBytes' in value
  );
}

function checkStart(file: RandomAccessFile, got: number): void {
  const details = { path: file.path };
  if (got === 0) {
    throw new SourceError('ERR_SOCKFLOW_RECORDING_EMPTY', `'${file.path}' is empty (0 bytes)`, {
      details,
      remedy: 'Check that what wrote it ran to its end',
    });
  }
  const magic = Buffer.alloc(Math.min(got, FILE_MAGIC.length));
  file.read(magic, 0);
  if (!startsLikeRecording(magic)) {
    throw new SourceError(
      'ERR_SOCKFLOW_NOT_A_RECORDING',
      `'${file.path}' is not a recording: it starts with ${magic.toString('hex')}, expected ${Buffer.from(FILE_MAGIC).toString('hex')}`,
      {
        details,
        remedy: magic.every((byte) => byte === 0)
          ? 'Its first bytes are zeros, as a crash or a bad disk leaves them, and without its file header nothing tells what it is: restore it from a copy'
          : "Name a recording; raw fields as text become one by 'sockflow convert --from context-json IN.ndjson OUT.sfrec'",
      },
    );
  }
}

function cutInHeader(file: RandomAccessFile, headerBytes: number): SourceError {
  return new SourceError(
    'ERR_SOCKFLOW_RECORDING_DAMAGED',
    `recording '${file.path}' is cut at byte ${file.sizeBytes}, within its file header of ${headerBytes} bytes: it holds no events`,
    {
      details: { path: file.path, sizeBytes: file.sizeBytes },
      remedy: 'Nothing can be read from it; record again',
    },
  );
}

function newerVersion(file: RandomAccessFile, { major, minor }: Preamble): SourceError {
  return new SourceError(
    'ERR_SOCKFLOW_RECORDING_VERSION',
    `recording '${file.path}' has format ${major}.${minor}, this version reads up to ${MAJOR_VERSION}`,
    {
      details: { path: file.path, major, minor },
      remedy: 'Read it with a newer version of sockflow',
    },
  );
}
