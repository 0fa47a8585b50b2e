import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

import { finishedName, logicalPath } from '../format/part-path.ts';
import { listPartPaths } from '../reader/find-parts.ts';

/**
 * The files that a replay of these names would read, and the names whose writing would remove them: a writer clears away what an earlier run left under its
 * name, its parts and what was not finished (F13).
 */
export function replayInputs(paths: readonly string[]): string[] {
  const inputs = new Set<string>();
  for (const path of paths) {
    for (const file of [path, ...partsOf(path)]) {
      const finished = finishedName(file);
      for (const name of [file, finished, logicalPath(finished)]) inputs.add(resolve(name));
    }
  }
  return [...inputs];
}

/** What cannot be listed is refused when it is opened, with the reason. */
function partsOf(path: string): readonly string[] {
  if (existsSync(path)) return [];
  try {
    return listPartPaths(path);
  } catch {
    return [];
  }
}
