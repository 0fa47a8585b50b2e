import { existsSync, renameSync } from 'node:fs';
import { crc32 } from 'node:zlib';

import { RecordingWriteError } from '../errors.ts';
import { SCHEMA_FINGERPRINT } from '../format/descriptor.ts';
import { encodeFileHeader } from '../format/file-header.ts';
import { type PartIdentity, writeIdentity } from '../format/frame-header.ts';
import { COMPRESSION_NONE, PREAMBLE } from '../format/layout.ts';
import { finishedName, partPath, UNFINISHED_SUFFIX } from '../format/part-path.ts';
import { findParts } from '../reader/find-parts.ts';
import type { RecordingPart } from '../reader/open-part.ts';
import { DiskFile, type RandomAccessFile } from '../reader/random-access-file.ts';
import { readFileHeader } from '../reader/read-file-header.ts';
import { verifyRecording } from '../verify/verify-recording.ts';
import { AppendFile } from '../writer/append-file.ts';
import { PartFile } from '../writer/part-file.ts';
import type { RepairedPart, RepairOptions, RepairReport } from './repair-options.ts';
import { PartRepair } from './repair-part.ts';

/** Who wrote it, where the damaged file header said so and nothing else does. */
const UNKNOWN_CREATOR = 'unknown; repaired by sockflow';
/** While it is written, so that an unfinished part can be repaired into its own name. */
const STAGING_SUFFIX = '.repairing';

/**
 * Writes what is whole of a damaged or unfinished recording as a new, complete one with the same id; the damaged one stays as it is.
 *
 * @param output the name of the new recording: like the old one's, it stands for as many parts as that has
 * @throws what opening a recording throws where nothing of it can be read
 * @throws ERR_SOCKFLOW_RECORDING_TARGET where something lies under one of the new names
 * @throws ERR_SOCKFLOW_RECORDING_WRITE
 */
export function repairRecording(
  path: string,
  output: string,
  options: RepairOptions = {},
): RepairReport {
  const verified = verifyRecording(path, { maxFindings: 0 });
  const found = findParts(path);
  const parts = found.parts.filter((part) => !part.isHeaderless);
  const missingParts = [
    ...found.damage.map((damage) => damage.path),
    ...found.parts.filter((part) => part.isHeaderless).map((part) => part.path),
  ];
  const isWhole = verified.findingCount === 0 && missingParts.length === 0;
  if (isWhole && parts.every((part) => !part.isUnfinished)) {
    return { path, output: undefined, parts: [], missingParts, findings: 0 };
  }
  // What is left of several parts is a recording of fewer; a part that was named by itself stays what it is.
  const isRenumbered = missingParts.length > 0 && parts.length > 0;
  const lanes = isRenumbered ? parts.length : (parts[0]?.parts ?? 1);
  const isAlone = parts.length === 1 && lanes > 1;
  const counts = verified.countsByInvariant;
  const hasGroups = (counts.F14 ?? 0) + (counts.F15 ?? 0) === 0;
  const jobs = parts.map((part, index) => ({
    part,
    hasGroups,
    output: isAlone ? output : partPath(output, isRenumbered ? index : part.part, lanes),
    identity: {
      recordingId: part.recordingId,
      part: isRenumbered ? index : part.part,
      parts: lanes,
      schemaFingerprint: SCHEMA_FINGERPRINT,
    },
  }));
  for (const job of jobs) refuseTaken(job.output);
  let doneBytes = 0;
  let events = 0;
  const repaired: RepairedPart[] = [];
  for (const job of jobs) {
    const one = repairPart(job, options.isSynced ?? true, (bytes, kept) =>
      options.onProgress?.(doneBytes + bytes, events + kept),
    );
    doneBytes += one.bytesBefore;
    events += one.eventsKept;
    repaired.push(one);
  }
  return { path, output, parts: repaired, missingParts, findings: verified.findingCount };
}

interface PartJob {
  readonly part: RecordingPart;
  readonly output: string;
  readonly identity: PartIdentity;
  /** Whether its blocks are of one lane group each, as its file header may say. */
  readonly hasGroups: boolean;
}

function repairPart(
  { part, output, identity, hasGroups }: PartJob,
  isSynced: boolean,
  onProgress: (doneBytes: number, events: number) => void,
): RepairedPart {
  const input = DiskFile.open(part.path);
  const staging = output + STAGING_SUFFIX;
  try {
    const { header, own } = fileHeaderOf(input, part, identity, hasGroups);
    const file = AppendFile.open(staging, 0);
    try {
      file.append(header);
      const kept = new PartRepair(input, part, new PartFile(file, own)).run(onProgress);
      const bytesAfter = file.sizeBytes;
      file.close(true, isSynced);
      renameSync(staging, output);
      return {
        path: part.path,
        output,
        ...kept,
        mended: part.damage.filter(({ events }) => events === 0),
        wasUnfinished: part.isUnfinished,
        bytesBefore: part.sizeBytes,
        bytesAfter,
      };
    } finally {
      file.close(false);
    }
  } finally {
    input.close();
  }
}

/** The old file header with its place among the parts; a new one where it is damaged. */
function fileHeaderOf(
  input: RandomAccessFile,
  part: RecordingPart,
  identity: PartIdentity,
  hasGroups: boolean,
): { header: Buffer; own: PartIdentity } {
  const { preamble, isDamaged } = readFileHeader(input);
  if (preamble === undefined || isDamaged) {
    const laneGroups = hasGroups ? part.laneGroups : 1;
    return {
      header: encodeFileHeader(
        identity,
        part.creator ?? UNKNOWN_CREATOR,
        laneGroups,
        hasCompressedBlocks(part),
      ),
      own: identity,
    };
  }
  const header = Buffer.alloc(preamble.headerBytes);
  input.read(header, 0);
  const own = { ...identity, schemaFingerprint: preamble.identity.schemaFingerprint };
  writeIdentity(header, own, PREAMBLE.identityOffset);
  if (!hasGroups) header.writeUInt16LE(1, PREAMBLE.laneGroupsOffset);
  header.writeUInt32LE(crc32(header.subarray(0, PREAMBLE.crcOffset)), PREAMBLE.crcOffset);
  return { header, own };
}

function hasCompressedBlocks({ blocks }: RecordingPart): boolean {
  for (let row = 0; row < blocks.count; row++) {
    if (blocks.compression(row) !== COMPRESSION_NONE) return true;
  }
  return false;
}

/** Nothing is ever written over: what lies there may be the only copy of something. */
function refuseTaken(output: string): void {
  const taken = [output, output + STAGING_SUFFIX + UNFINISHED_SUFFIX].find((name) =>
    existsSync(name),
  );
  if (taken === undefined) return;
  throw new RecordingWriteError(
    'ERR_SOCKFLOW_RECORDING_TARGET',
    `'${taken}' exists: a repair writes over nothing`,
    { details: { path: taken }, remedy: 'Choose another name, or move what is there away' },
  );
}

/** Where a repaired recording goes when nobody says: `REC.repaired.sfrec`, beside it. */
export function repairedName(path: string): string {
  const finished = finishedName(path);
  const at = finished.toLowerCase().endsWith('.sfrec')
    ? finished.length - '.sfrec'.length
    : finished.length;
  return `${finished.slice(0, at)}.repaired.sfrec`;
}
