import { closeSync, constants, openSync, type Stats, statSync } from 'node:fs';
import { isatty } from 'node:tty';

const STDOUT_FD = 1;
const STDERR_FD = 2;
const DESCRIPTORS: ReadonlyMap<string, number> = new Map([
  ['-', STDOUT_FD],
  ['/dev/stdout', STDOUT_FD],
  ['/dev/stderr', STDERR_FD],
]);
const DESCRIPTOR_PATH = /^\/(?:dev|proc\/self)\/fd\/(\d{1,9})$/;

/** Whether a path is no regular file: an open descriptor, a pipe, a terminal, `/dev/null`. It is written as it is: never renamed, removed or truncated. */
export function isSpecialPath(path: string): boolean {
  if (openDescriptorOf(path) !== undefined) return true;
  const stats = tryStat(path);
  return stats !== undefined && !stats.isFile() && !stats.isDirectory();
}

/** Whether several sinks may write to a path: an open descriptor, a terminal, `/dev/null`. */
export function isShareable(path: string): boolean {
  return openDescriptorOf(path) !== undefined || tryStat(path)?.isCharacterDevice() === true;
}

/** Whether what a path leads to is a terminal. */
export function isTerminalPath(path: string): boolean {
  const fd = openDescriptorOf(path);
  if (fd !== undefined) return isatty(fd);
  if (tryStat(path)?.isCharacterDevice() !== true) return false;
  let opened: number;
  try {
    opened = openSync(path, constants.O_WRONLY | constants.O_NOCTTY | constants.O_NONBLOCK);
  } catch {
    return false;
  }
  try {
    return isatty(opened);
  } finally {
    closeSync(opened);
  }
}

/**
 * The descriptor that a path stands for; `undefined` where it is to be opened. It is used as it is, whatever it leads to: opened anew, a regular file would be
 * written from its start by every lane.
 */
export function openDescriptorOf(path: string): number | undefined {
  const number = DESCRIPTOR_PATH.exec(path)?.[1];
  return number === undefined ? DESCRIPTORS.get(path) : Number(number);
}

/** What is there; nothing where it cannot be looked at: opening it says why. */
function tryStat(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}
