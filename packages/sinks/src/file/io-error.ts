import { isSockflowError } from '@sockflow/core';

import { SinkError, type SinkErrorCode } from '../errors.ts';

const REMEDIES: Readonly<Record<string, string>> = {
  ENOENT: 'Create the folder first',
  ENOTDIR: 'A part of the path is a file: choose another path',
  EISDIR: 'Give the name of a file in that folder',
  EACCES: 'Choose a folder that you may write to, or change its permissions',
  EPERM: 'Choose a folder that you may write to, or change its permissions',
  EROFS: 'Look why the file system is read-only (dmesg), or write elsewhere',
  EIO: 'Look at the disk (dmesg, smartctl), or write elsewhere; what was acknowledged is readable',
  ENOSPC: 'Free space on that file system, or write elsewhere; what was written before is whole',
  EDQUOT: 'Free space within your quota, or write elsewhere; what was written before is whole',
  EFBIG: 'Write elsewhere, or raise the limit of file sizes; what was written before is whole',
  EPIPE: 'Nothing to do where the reader had enough, as with `| head`',
  EMFILE: 'Raise the limit of open files (ulimit -n), or use fewer lanes',
};
const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
const MEANINGS: Readonly<Record<string, string>> = {
  ENOENT: 'its folder does not exist',
  ENOTDIR: 'a part of the path is not a folder',
  EISDIR: 'it is a folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space left on the device',
  EDQUOT: 'the quota is used up',
  EIO: 'the device reports an error',
  EPIPE: 'its reader is gone',
};
const DOING = {
  open: 'cannot be written to',
  write: 'could not be written on',
  remove: 'could not be cleared of old parts',
} as const;

function codeOf(errno: string, isOpening: boolean): SinkErrorCode {
  if (FULL.has(errno)) return 'ERR_SOCKFLOW_SINK_DISK_FULL';
  if (errno === 'EPIPE') return 'ERR_SOCKFLOW_SINK_READER_GONE';
  return isOpening ? 'ERR_SOCKFLOW_SINK_PATH' : 'ERR_SOCKFLOW_SINK_WRITE';
}

/** An error of the file system as one of ours: path, errno and what to do. */
export function ioError(
  cause: unknown,
  path: string,
  action: 'open' | 'write' | 'remove',
): SinkError {
  if (cause instanceof SinkError) return cause;
  const { code: errno = 'EIO', syscall } = cause as NodeJS.ErrnoException;
  const meaning = MEANINGS[errno] ?? (cause as Error).message;
  return new SinkError(
    codeOf(errno, action === 'open'),
    `${path} ${DOING[action]}: ${meaning} (${errno})`,
    {
      remedy: REMEDIES[errno] ?? 'Look at the file system and the path',
      details: { path, errno, syscall },
      cause,
    },
  );
}

/** The errno of one of our errors; '' where it has none. */
export function errnoOf(error: unknown): string {
  if (!isSockflowError(error)) return '';
  const { errno } = error.details as { readonly errno?: unknown };
  return typeof errno === 'string' ? errno : '';
}

/** What the file system, or a recording's writer, said of it, as every file says it; anything else as it is. */
export function sinkErrorOf(error: unknown, location: string): unknown {
  if (!isSockflowError(error))
    return isSystemError(error) ? ioError(error, location, 'write') : error;
  if (error.code !== 'ERR_SOCKFLOW_RECORDING_WRITE') return error;
  const { path } = error.details as { readonly path: string };
  return isSystemError(error.cause) ? ioError(error.cause, path, 'write') : error;
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && 'code' in error;
}

/** The error of a file that somebody removed, or whose folder, while it was written: writing goes on without an error of the system, and nothing of it is ever found. */
export function removedError(path: string): SinkError {
  return new SinkError(
    'ERR_SOCKFLOW_SINK_WRITE',
    `${path} could not be written on: it was removed while it was written (ENOENT)`,
    {
      remedy: 'Leave the file and its folder in place while it is written, and start anew',
      details: { path, errno: 'ENOENT', syscall: 'fstat' },
    },
  );
}
