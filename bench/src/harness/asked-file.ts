import {
  accessSync,
  constants,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';

/** Why a file that somebody asks for cannot be written, as far as it can be told before there is anything to write; `undefined`: it seems it can. */
export function whyNotWritable(path: string): string | undefined {
  const kind = kindOf(path);
  if (kind === 'folder') return `${path}: is a folder`;
  try {
    accessSync(kind === 'device' ? path : dirname(target(path)), constants.W_OK);
    return undefined;
  } catch (error) {
    return `${path}: ${messageOf(error)}`;
  }
}

/**
 * Writes a file as a whole or not at all: what was there before stays where it fails.
 *
 * @returns why it could not be written, or `undefined`
 */
export function writeAsked(path: string, text: string): string | undefined {
  // A device, or a pipe, keeps its name.
  if (kindOf(path) === 'device') return failureOf(path, () => writeFileSync(path, text));
  const end = target(path);
  const part = `${end}.${process.pid}.part`;
  const failure = failureOf(path, () => {
    writeFileSync(part, text);
    renameSync(part, end);
  });
  if (failure !== undefined) rmSync(part, { force: true });
  return failure;
}

function kindOf(path: string): 'folder' | 'file' | 'device' {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isDirectory() === true) return 'folder';
  return stats === undefined || stats.isFile() ? 'file' : 'device';
}

/** Where links lead to: the file is to be replaced, not the link. */
function target(path: string): string {
  return statSync(path, { throwIfNoEntry: false }) === undefined
    ? resolve(path)
    : realpathSync(path);
}

function failureOf(path: string, write: () => void): string | undefined {
  try {
    write();
    return undefined;
  } catch (error) {
    return `${path}: ${messageOf(error)}`;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
