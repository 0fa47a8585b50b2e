import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import { finishedName, UNFINISHED_SUFFIX } from '@sockflow/source-replay/part-names';

import {
  DAMAGED_SUFFIX,
  POSITION_FILE,
  readSegmentName,
  readSegmentNumber,
  type SegmentKind,
} from './layout.ts';

/** A segment's names, as they lie in a folder. */
export interface FoundSegment {
  readonly folder: string;
  readonly number: number;
  readonly kind: SegmentKind;
  /** The final name. */
  readonly path: string;
}

/** How much of a folder's first segment is delivered. */
export interface Position {
  readonly segment: number;
  readonly items: number;
}

/** The segments of a folder, the oldest first. */
export function segmentsIn(folder: string): FoundSegment[] {
  const found = new Map<number, FoundSegment>();
  for (const name of readdirSync(folder)) {
    const read = readSegmentName(name);
    if (read !== undefined)
      found.set(read.number, { folder, ...read, path: join(folder, finishedName(name)) });
  }
  return [...found.values()].toSorted((one, other) => one.number - other.number);
}

/** Under either name. */
export function removeSegment({ path }: FoundSegment): void {
  rmSync(path, { force: true });
  rmSync(path + UNFINISHED_SUFFIX, { force: true });
}

/** Q4: kept under a name that no run reads. @returns that name */
export function setSegmentAside({ path }: FoundSegment): string {
  const found = existsSync(path) ? path : path + UNFINISHED_SUFFIX;
  const kept = `${path}${DAMAGED_SUFFIX}`;
  renameSync(found, kept);
  return kept;
}

/** One that no file there has, damaged ones neither: what is kept is never written over. */
export function freeNumberIn(folder: string): number {
  const numbers = readdirSync(folder).map((name) => readSegmentNumber(name) ?? 0);
  return Math.max(0, ...numbers) + 1;
}

/** Q5: a name is replaced at once, so that one of two positions is read, never half of one. */
export function writePosition(folder: string, position: Position): void {
  const path = join(folder, POSITION_FILE);
  writeFileSync(`${path}.new`, JSON.stringify(position));
  renameSync(`${path}.new`, path);
}

/** Without one that can be read, all of what lies there is delivered. */
export function readPosition(folder: string): Position {
  try {
    const { segment, items } = JSON.parse(
      readFileSync(join(folder, POSITION_FILE), 'utf8'),
    ) as Partial<Position>;
    if (Number.isSafeInteger(segment) && Number.isSafeInteger(items))
      return { segment: segment as number, items: items as number };
  } catch {
    // Nothing of it is delivered, or nobody knows.
  }
  return { segment: 0, items: 0 };
}

/** Nothing lies there any more: a position of it would be taken for that of a later segment. */
export function forgetPosition(folder: string): void {
  rmSync(join(folder, POSITION_FILE), { force: true });
  rmSync(join(folder, `${POSITION_FILE}.new`), { force: true });
}

/** Where it is empty. */
export function tryRemoveFolder(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // It is not, or it is gone.
  }
}
