import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readdirSync, readSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import { createCompressor } from '../compression/block-compressor.ts';
import { checkCompression, type CompressionOptions } from '../compression/compression-options.ts';
import { RecordingWriteError } from '../errors.ts';
import { SCHEMA_FINGERPRINT } from '../format/descriptor.ts';
import { encodeFileHeader, startsLikeRecording } from '../format/file-header.ts';
import { PREAMBLE_BYTES } from '../format/layout.ts';
import { partNumberOf, partPath, UNFINISHED_SUFFIX } from '../format/part-path.ts';
import { AppendFile, writeError } from './append-file.ts';

/** Who writes, where nothing else is said. */
export const DEFAULT_CREATOR: string = 'sockflow 0.1.0';

/** Settings of {@link prepareRecording}. */
export interface PrepareRecordingOptions extends CompressionOptions {
  /** Lanes that will write a part each; 1 where not given. */
  readonly lanes?: number;
  /** 32 hexadecimal digits; random where not given. */
  readonly recordingId?: string;
  /** Name and version of the program, for the file header. */
  readonly creator?: string;
  /** As the writers will be told. */
  readonly laneGroups?: number;
}

/**
 * Makes ready for writing a recording: removes what an earlier run left under its names (F13) and creates each lane's unfinished part with its file
 * header, so that the lanes' writers agree on the recording's id. With one lane a finished recording stays until the new one takes its name.
 *
 * @returns the recording's id
 * @throws ERR_SOCKFLOW_INVALID_OPTION, ERR_SOCKFLOW_UNKNOWN_NAME
 * @throws ERR_SOCKFLOW_RECORDING_TARGET where something that is no recording lies under a final name
 * @throws ERR_SOCKFLOW_RECORDING_WRITE
 */
export function prepareRecording(path: string, options: PrepareRecordingOptions = {}): string {
  const { lanes = 1, creator = DEFAULT_CREATOR, laneGroups = 1 } = options;
  // Before anything is removed: this machine may not have what it takes.
  const isCompressed = createCompressor(checkCompression(options)) !== undefined;
  const recordingId = options.recordingId ?? newRecordingId();
  removeEarlier(path, lanes);
  for (let lane = 0; lane < lanes; lane++) {
    const target = partPath(path, lane, lanes);
    refuseForeign(target);
    const identity = {
      recordingId,
      part: lane,
      parts: lanes,
      schemaFingerprint: SCHEMA_FINGERPRINT,
    };
    const file = AppendFile.open(target, 0);
    try {
      file.append(encodeFileHeader(identity, creator, laneGroups, isCompressed));
    } finally {
      file.close(false);
    }
  }
  return recordingId;
}

/** 32 hexadecimal digits that no other recording has. */
export function newRecordingId(): string {
  return randomBytes(16).toString('hex');
}

function removeEarlier(path: string, lanes: number): void {
  const directory = dirname(path);
  const name = basename(path);
  let entries: string[];
  try {
    entries = readdirSync(directory);
  } catch (error) {
    throw writeError(path, 'cannot be created', error);
  }
  for (const entry of entries) {
    const isNamed = (entry === name && lanes > 1) || entry === name + UNFINISHED_SUFFIX;
    if (!isNamed && partNumberOf(path, entry) === undefined) continue;
    const found = join(directory, entry);
    const kind = kindOfFile(found);
    const isLeftover =
      kind === 'recording' || (kind === 'empty' && entry.endsWith(UNFINISHED_SUFFIX));
    if (isLeftover) rmSync(found, { force: true });
  }
}

function refuseForeign(target: string): void {
  const kind = kindOfFile(target);
  if (kind === 'none' || kind === 'empty' || kind === 'recording') return;
  throw new RecordingWriteError(
    'ERR_SOCKFLOW_RECORDING_TARGET',
    `'${target}' exists and is ${kind === 'directory' ? 'a directory' : 'no recording'}: not overwritten`,
    { details: { path: target }, remedy: 'Choose another name, or move what is there away' },
  );
}

function kindOfFile(path: string): 'none' | 'directory' | 'empty' | 'recording' | 'other' {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return 'none';
  if (stats.isDirectory()) return 'directory';
  if (!stats.isFile()) return 'other';
  if (stats.size === 0) return 'empty';
  const start = Buffer.alloc(PREAMBLE_BYTES);
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    throw writeError(path, 'exists and cannot be looked into', error);
  }
  try {
    const got = readSync(fd, start, 0, start.length, 0);
    // Of a header that was cut right behind its first bytes, too.
    return startsLikeRecording(start.subarray(0, got)) ? 'recording' : 'other';
  } finally {
    closeSync(fd);
  }
}
