import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';

import { CACHE_DIR, ROOT_DIR } from './paths.ts';

export interface CachedBuildOptions {
  readonly name: string;
  /** Of the sources, from the root: each file below them counts. */
  readonly folders: readonly string[];
  /** What else the program depends on: the compiler's version, its flags. */
  readonly facts: readonly string[];
  /** Writes the program to this path, or throws. */
  readonly build: (path: string) => void;
}

/* Of cargo, where somebody built by hand. */
const NOT_SOURCES = new Set(['target', '__pycache__']);

/** Builds a program once for the same sources and compiler, and gives its path in the cache. */
export function cachedBuild(options: CachedBuildOptions): string {
  const hash = createHash('sha256');
  for (const fact of options.facts) hash.update(`${fact}\0`);
  for (const folder of options.folders) {
    for (const path of filesBelow(folder)) {
      hash.update(`${path}\0`);
      hash.update(readFileSync(join(ROOT_DIR, path)));
    }
  }
  const path = join(CACHE_DIR, `${options.name}-${hash.digest('hex').slice(0, 16)}`);
  if (existsSync(path)) return path;
  mkdirSync(CACHE_DIR, { recursive: true });
  // Another process may build the same: whoever is last, the name is never of half a program.
  const unfinished = `${path}.${process.pid}`;
  options.build(unfinished);
  renameSync(unfinished, path);
  return path;
}

function filesBelow(folder: string): string[] {
  const found: string[] = [];
  for (const entry of readdirSync(join(ROOT_DIR, folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (!entry.isDirectory()) found.push(path);
    else if (!NOT_SOURCES.has(entry.name)) found.push(...filesBelow(path));
  }
  return found.toSorted();
}
