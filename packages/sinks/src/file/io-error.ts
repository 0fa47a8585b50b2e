import { SinkError, type SinkErrorCode } from '../errors.ts';

const REMEDIES: Readonly<Record<string, string>> = {
  ENOENT: 'Create the folder first',
  ENOTDIR: 'A part of the path is a file: choose another path',
  EISDIR: 'Give the name of a file in that folder',
  EACCES: 'Choose a folder that you may write to, or change its permissions',
  EPERM: 'Choose a folder that you may write to, or change its permissions',
  EROFS: 'Choose a path on a file system that is not read-only',
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
  EPIPE: 'its reader is gone',
};

function codeOf(errno: string, isOpening: boolean): SinkErrorCode {
  if (FULL.has(errno)) return 'ERR_SOCKFLOW_SINK_DISK_FULL';
  if (errno === 'EPIPE') return 'ERR_SOCKFLOW_SINK_READER_GONE';
  return isOpening ? 'ERR_SOCKFLOW_SINK_PATH' : 'ERR_SOCKFLOW_SINK_WRITE';
}

/** An error of the file system as one of ours: path, errno and what to do. */
export function ioError(cause: unknown, path: string, action: 'open' | 'write'): SinkError {
  if (cause instanceof SinkError) return cause;
  const { code: errno = 'EIO', syscall } = cause as NodeJS.ErrnoException;
  const meaning = MEANINGS[errno] ?? (cause as Error).message;
  const doing = action === 'open' ? 'cannot be written to' : 'could not be written on';
  return new SinkError(
    codeOf(errno, action === 'open'),
    `${path} ${doing}: ${meaning} (${errno})`,
    {
      remedy: REMEDIES[errno] ?? 'Look at the file system and the path',
      details: { path, errno, syscall },
      cause,
    },
  );
}
