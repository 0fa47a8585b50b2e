import { mkdirSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';

import { CACHE_DIR } from './paths.ts';

const MEMORY_FOLDER = '/dev/shm';

/* Those that are in use: an interrupted run leaves none behind. */
const folders = new Set<string>();

process.on('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function freeBytes(folder: string): number {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return 0;
  }
}

/** An empty folder to write into, and how to remove it. */
export interface OutputFolder {
  readonly path: string;
  remove(): void;
}

/**
 * Makes a folder in memory where there is room for `bytes`, so that what is measured is not how the disk keeps up with gigabytes of dirty pages, which hits whoever writes when they are
 * due; else beside the inputs. It is removed at the latest when the process exits.
 */
export function makeOutputFolder(bytes: number): OutputFolder {
  mkdirSync(CACHE_DIR, { recursive: true });
  const parent = freeBytes(MEMORY_FOLDER) > bytes ? MEMORY_FOLDER : CACHE_DIR;
  const path = mkdtempSync(join(parent, 'sockflow-bench-'));
  folders.add(path);
  return {
    path,
    remove: () => {
      rmSync(path, { recursive: true, force: true });
      folders.delete(path);
    },
  };
}

/** Calls `use` with a folder as {@link makeOutputFolder} makes it, and removes it. */
export async function withOutputFolder<T>(
  bytes: number,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = makeOutputFolder(bytes);
  try {
    return await use(folder.path);
  } finally {
    folder.remove();
  }
}
