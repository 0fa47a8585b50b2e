import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { isSockflowError, type Sink } from '@sockflow/core';

import { LaneLock } from './lane-lock.ts';
import { readFolderName, readSegmentName, SPOOL_FILE, SPOOL_FORMAT } from './layout.ts';
import { spoolDirectoryError, spoolElsewhere, spoolLocked } from './spool-errors.ts';

interface Identity {
  readonly format: string;
  readonly sink: string;
  readonly destination?: string;
}

/** The lanes that have a folder there. */
export function foldersIn(directory: string): number[] {
  const lanes = readdirSync(directory).map((name) => readFolderName(name));
  return lanes.filter((lane) => lane !== undefined).toSorted((one, other) => one - other);
}

/**
 * Before any lane opens: makes the directory, and looks that it is this sink's and nobody else's.
 *
 * @throws ERR_SOCKFLOW_SPOOL_DIRECTORY, ERR_SOCKFLOW_SPOOL_LOCKED
 */
export function prepareDirectory(directory: string, sink: Sink, lanes: number): void {
  try {
    mkdirSync(directory, { recursive: true });
    checkIdentity(directory, sink);
  } catch (error) {
    if (isSockflowError(error)) throw error;
    throw spoolDirectoryError(directory, textOf(error), error);
  }
  const folders = foldersIn(directory);
  const own = Array.from({ length: lanes }, (_, lane) => lane);
  for (const lane of new Set([...folders, ...own])) {
    const pid = LaneLock.heldBy(directory, lane);
    if (pid !== undefined) throw spoolLocked(directory, lane, pid);
  }
}

/** What lies there for another destination is never delivered to this one. */
function checkIdentity(directory: string, { name: sink, destination }: Sink): void {
  const path = join(directory, SPOOL_FILE);
  const found = readIdentity(path);
  if (found === undefined && readdirSync(directory).some((name) => !isOurs(name)))
    throw new Error('it holds other files');
  if (found !== undefined && found.format !== SPOOL_FORMAT)
    throw new Error(`it has the format '${found.format}', expected '${SPOOL_FORMAT}'`);
  if (found?.sink === sink && found.destination === destination) return;
  const isFilled = found !== undefined && hasSegments(directory);
  if (isFilled && found.sink !== sink)
    throw new Error(`it holds what ${found.sink} was given, and this is ${sink}`);
  // One that says nothing of where it leads is taken: an older one, or one from which somebody has removed it.
  if (isFilled && found.destination !== undefined && destination !== undefined)
    throw spoolElsewhere(directory, sink, found.destination, destination);
  const identity: Identity = {
    format: SPOOL_FORMAT,
    sink,
    ...(destination === undefined ? {} : { destination }),
  };
  const fresh = `${path}.${process.pid}`;
  writeFileSync(fresh, `${JSON.stringify(identity)}\n`);
  renameSync(fresh, path);
}

function isOurs(name: string): boolean {
  return name.startsWith('lane-') || name.startsWith(SPOOL_FILE) || name === 'lost+found';
}

function hasSegments(directory: string): boolean {
  return foldersIn(directory).some((lane) =>
    readdirSync(join(directory, `lane-${lane}`)).some((name) => readSegmentName(name)),
  );
}

function readIdentity(path: string): Identity | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Identity;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
