import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';

import { isSockflowError } from '@sockflow/core';

import { SourceError } from '../errors.ts';
import { finishedName, partNumberOf, partPath, UNFINISHED_SUFFIX } from '../format/part-path.ts';
import type { Damage } from './damage.ts';
import { openPart, type RecordingPart } from './open-part.ts';

/** The parts of one recording, and what its names tell. */
export interface FoundParts {
  readonly parts: readonly RecordingPart[];
  /** Parts that are missing. */
  readonly damage: readonly Damage[];
  readonly notes: readonly string[];
}

/** Opens what lies under a recording's name: F11 and F12 say where to look, and in which order. */
export function findParts(path: string): FoundParts {
  const unfinished = path + UNFINISHED_SUFFIX;
  if (existsSync(path)) {
    const notes = existsSync(unfinished)
      ? [`'${unfinished}' lies beside '${path}' and was not read`]
      : [];
    return { parts: [openPart(path, path.endsWith(UNFINISHED_SUFFIX))], damage: [], notes };
  }
  if (existsSync(unfinished)) return { parts: [openPart(unfinished, true)], damage: [], notes: [] };
  const candidates = listPartPaths(path);
  if (candidates.length === 0) refuseSeries(path);
  // The plain open reports what is missing.
  if (candidates.length === 0) return { parts: [openPart(path, false)], damage: [], notes: [] };
  return chooseSet(path, openCandidates(candidates));
}

/** A part of a series has the time when it was begun in its name, before the extension; where several lanes wrote, the lane before that. */
const SERIES_PART = String.raw`(?:\.\d+)?\.\d{8}T\d{6}\.\d{3}Z`;

/** Each part of a series is a recording of its own: the name in the sink's settings is none of them. */
function refuseSeries(path: string): void {
  const directory = dirname(path);
  const extension = extname(path);
  const stem = basename(path, extension);
  const time = new RegExp(`^${SERIES_PART}$`);
  const isPart = (entry: string): boolean => {
    const name = finishedName(entry);
    return (
      name.startsWith(`${stem}.`) &&
      name.endsWith(extension) &&
      time.test(name.slice(stem.length, name.length - extension.length))
    );
  };
  if (!existsSync(directory) || !readdirSync(directory).some(isPart)) return;
  throw new SourceError('ERR_SOCKFLOW_RECORDING_MISSING', `no recording at '${path}'`, {
    details: { path },
    remedy: `This is a series: name its parts: ${join(directory, stem)}.*${extension}, in quotes with --follow`,
  });
}

interface Candidates {
  readonly parts: RecordingPart[];
  readonly notes: string[];
}

function openCandidates(paths: readonly string[]): Candidates {
  const parts: RecordingPart[] = [];
  const notes: string[] = [];
  let firstError: unknown;
  for (const path of paths) {
    try {
      parts.push(openPart(path, path.endsWith(UNFINISHED_SUFFIX)));
    } catch (error) {
      if (!isSockflowError(error)) throw error;
      firstError ??= error;
      notes.push(`not read: ${error.message}`);
    }
  }
  if (parts.length === 0) throw firstError;
  return { parts, notes };
}

/** F12: only parts of one recording, the one whose parts are all there. */
function chooseSet(path: string, { parts: all, notes }: Candidates): FoundParts {
  const parts = all.filter(({ isHeaderless }) => !isHeaderless);
  const headerless = all.filter(({ isHeaderless }) => isHeaderless);
  if (parts.length === 0) return { parts: headerless, damage: [], notes };
  notes.push(...headerless.flatMap((part) => part.notes));
  const sets = new Map<string, RecordingPart[]>();
  for (const part of parts) {
    const key = `${part.recordingId}/${part.parts}`;
    sets.set(key, [...(sets.get(key) ?? []), part]);
  }
  const found = [...sets.values()];
  const complete = found.filter((set) => set.length === set[0]?.parts);
  const chosen = complete.length === 1 ? complete[0] : found.length === 1 ? found[0] : undefined;
  if (chosen === undefined) throw mixedParts(path, found);
  for (const part of parts) {
    if (!chosen.includes(part)) {
      notes.push(`'${part.path}' is of another recording (${part.recordingId}) and was not read`);
    }
  }
  return { parts: chosen, damage: missingParts(path, chosen, headerless), notes };
}

/**
 * All file headers are written before the first lane starts: where no part has a block, one without its header is what a writer left that was killed before that. Where another has
 * blocks the header was there and the system lost it, with what followed.
 */
function missingParts(
  path: string,
  parts: readonly RecordingPart[],
  headerless: readonly RecordingPart[],
): Damage[] {
  const lanes = parts[0]?.parts ?? 0;
  const isBegun = parts.some(({ blocks }) => blocks.count > 0);
  const damage: Damage[] = [];
  for (let lane = 0; lane < lanes; lane++) {
    if (parts.some(({ part }) => part === lane)) continue;
    const final = partPath(path, lane, lanes);
    if (!isBegun && headerless.some((part) => finishedName(part.path) === final)) continue;
    damage.push({
      kind: 'part',
      path: final,
      startOffset: 0,
      endOffset: 0,
      events: undefined,
    });
  }
  return damage;
}

function mixedParts(path: string, sets: readonly (readonly RecordingPart[])[]): SourceError {
  const listed = sets.map(
    (set) =>
      `${set.map((part) => `'${part.path}'`).join(', ')} (${set.length} of ${set[0]?.parts} parts)`,
  );
  return new SourceError(
    'ERR_SOCKFLOW_RECORDING_PARTS',
    `parts of ${sets.length} recordings lie under '${path}', and not exactly one of them is whole: ${listed.join('; ')}`,
    { details: { path }, remedy: 'Move the parts of the others away, or name one part' },
  );
}

/** Files that are parts of `path` by their names, by number; of a finished and an unfinished one with the same number, the finished. */
export function listPartPaths(path: string): string[] {
  const directory = dirname(path);
  if (!existsSync(directory)) return [];
  const byNumber = new Map<number, string>();
  for (const entry of readdirSync(directory)) {
    const number = partNumberOf(path, entry);
    if (number === undefined) continue;
    if (byNumber.has(number) && entry.endsWith(UNFINISHED_SUFFIX)) continue;
    byNumber.set(number, join(directory, entry));
  }
  return [...byNumber].toSorted(([one], [other]) => one - other).map(([, found]) => found);
}
