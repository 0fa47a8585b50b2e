import { SourceError } from '../../errors.ts';

/**
 * Asks the system for something of a file or folder that is followed.
 *
 * @throws ERR_SOCKFLOW_RECORDING_READ where it refuses
 */
export function readSystem<T>(path: string, ask: () => T): T {
  try {
    return ask();
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** The refusal, with a remedy for its reason. */
export function unreadable(path: string, cause: unknown): SourceError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new SourceError(
    'ERR_SOCKFLOW_RECORDING_READ',
    `recording '${path}' cannot be read: ${reason}`,
    { cause, details: { path }, remedy: remedyOf(code) },
  );
}

function remedyOf(code: unknown): string {
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return 'Check the name of the folder: it must be there';
  if (code === 'EACCES' || code === 'EPERM')
    return 'Check the permissions of the file and its folder';
  if (code === 'EISDIR') return 'Name the recording file itself';
  return 'Check the disk and the permissions of the file';
}
