import { stat } from 'node:fs/promises';

const STDOUT_FD = 1;
const STDOUT_PATHS = new Set(['-', '/dev/stdout', '/dev/fd/1', '/proc/self/fd/1']);

/** Whether the name alone says that a path is no regular file. */
export function isNamedSpecial(path: string): boolean {
  return STDOUT_PATHS.has(path) || path.startsWith('/dev/');
}

/** Whether a path is no regular file: standard output, a pipe, a terminal, `/dev/null`. It is written as it is: never renamed, removed or truncated. */
export async function isSpecialPath(path: string): Promise<boolean> {
  if (isNamedSpecial(path)) return true;
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && !found.isFile() && !found.isDirectory();
}

/** The descriptor that a special path already has; `undefined` where it is to be opened. */
export function openDescriptorOf(path: string): number | undefined {
  return STDOUT_PATHS.has(path) ? STDOUT_FD : undefined;
}
