import { lstatSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { UNFINISHED_SUFFIX } from '@sockflow/source-replay/part-names';

/** So many are named; the others are counted. */
const MAX_NAMED = 3;

/** What is done with them by the run that finds them. */
export interface LeftoverFate {
  /** Whether they stay: a series is never written over. */
  readonly isKept: boolean;
  readonly isRecording: boolean;
}

/**
 * Unfinished files that earlier runs left: those with something in them that no living process has open. Whoever cannot be looked at, a process of another user, has none open.
 *
 * @param isOurs - whether a file name is one of the output's own, unfinished
 * @returns their paths, in the order of their names; none where the folder cannot be read: writing will say so
 */
export async function leftoversOf(
  path: string,
  isOurs: (name: string) => boolean,
): Promise<readonly string[]> {
  const folder = dirname(path);
  const names = await readdir(folder).catch(() => []);
  const found = names
    .filter((name) => name.endsWith(UNFINISHED_SUFFIX) && isOurs(name))
    .map((name) => join(folder, name))
    .filter((file) => (lstatSync(file, { throwIfNoEntry: false })?.size ?? 0) > 0);
  // Most runs find none: then no process is looked at.
  return found.length === 0 ? found : notHeld(found).toSorted();
}

/** One sentence for all of them, with what can be done. */
export function leftoverWarning(paths: readonly string[], fate: LeftoverFate): string {
  const { isKept, isRecording } = fate;
  const [first = ''] = paths;
  const named = paths.slice(0, MAX_NAMED).join(', ');
  const more = paths.length > MAX_NAMED ? ` and ${paths.length - MAX_NAMED} more` : '';
  const are = paths.length === 1 ? 'was' : 'were';
  const what = `${named}${more} ${are} left unfinished by an earlier run`;
  const rest = paths.length === 1 ? '' : ', each of them';
  if (!isKept)
    return `${what}, and this one writes over ${paths.length === 1 ? 'it' : 'them'}: give a run another name, or have {time} in it, to keep what a killed one wrote`;
  const read = isRecording
    ? `sockflow repair ${first}${rest} makes it a complete recording`
    : 'readable as they are, up to a torn end';
  return `${what}: ${read}; nothing removes unfinished files, and keep does not count them`;
}

/** Those of some files that no process has open, as far as /proc shows. */
function notHeld(paths: readonly string[]): string[] {
  const names = new Set(paths.map((path) => basename(path)));
  const held = new Set<string>();
  for (const process of namesIn('/proc')) {
    if (!/^\d+$/.test(process)) continue;
    for (const fd of namesIn(`/proc/${process}/fd`)) {
      const link = `/proc/${process}/fd/${fd}`;
      // The name first, which costs least; a process in another mount namespace sees it by another path.
      if (names.has(basename(linkOf(link)))) held.add(identityOf(link));
    }
  }
  return paths.filter((path) => !held.has(identityOf(path)));
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

/** Of a file that is gone by now, a text that no other has. */
function identityOf(path: string): string {
  try {
    const { dev, ino } = statSync(path);
    return `${dev}:${ino}`;
  } catch {
    return path;
  }
}
