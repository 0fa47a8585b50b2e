import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

import { RecordingWriteError } from '../errors.ts';
import { hasFileMagic, parsePreamble } from '../format/file-header.ts';
import type { PartIdentity } from '../format/frame-header.ts';
import { PREAMBLE_BYTES } from '../format/layout.ts';
import { UNFINISHED_SUFFIX } from '../format/part-path.ts';
import { AppendFile, writeError } from './append-file.ts';

/**
 * Opens an unfinished part that has a file header and nothing else, as `prepareRecording` left it.
 *
 * @throws ERR_SOCKFLOW_RECORDING_STATE where it is not so
 */
export function openPreparedPart(
  path: string,
  lane: number,
  lanes: number,
): { file: AppendFile; identity: PartIdentity } {
  const unfinished = path + UNFINISHED_SUFFIX;
  const start = Buffer.alloc(PREAMBLE_BYTES);
  let fd: number;
  let sizeBytes: number;
  try {
    fd = openSync(unfinished, 'r');
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (isMissing) throw notPrepared(unfinished, 'is not there');
    throw writeError(unfinished, 'cannot be opened for writing', error);
  }
  try {
    readSync(fd, start, 0, start.length, 0);
    sizeBytes = fstatSync(fd).size;
  } finally {
    closeSync(fd);
  }
  const preamble = hasFileMagic(start) ? parsePreamble(start) : undefined;
  if (preamble === undefined) throw notPrepared(unfinished, 'has no file header');
  const { identity, headerBytes } = preamble;
  if (identity.part !== lane || identity.parts !== lanes) {
    throw notPrepared(unfinished, `is part ${identity.part} of ${identity.parts}`);
  }
  if (sizeBytes !== headerBytes) throw notPrepared(unfinished, 'has been written to');
  return { file: AppendFile.open(path, headerBytes), identity };
}

function notPrepared(path: string, found: string): RecordingWriteError {
  return new RecordingWriteError(
    'ERR_SOCKFLOW_RECORDING_STATE',
    `unfinished part '${path}' ${found}: expected the one that prepareRecording made for this lane`,
    {
      details: { path },
      remedy: 'Call prepareRecording(path, { lanes }) once before the lanes open their writers',
    },
  );
}
