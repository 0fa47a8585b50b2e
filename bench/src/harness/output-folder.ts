import { mkdirSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';

import { CACHE_DIR } from './paths.ts';

const MEMORY_FOLDER = '/dev/shm';

function freeBytes(folder: string): number {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return 0;
  }
}

/**
 * Calls `use` with an empty folder to write into, and removes it: in memory where there is room for `bytes`, so that what is measured is not how the disk keeps up with gigabytes of
 * dirty pages, which hits whoever writes when they are due; else beside the inputs.
 */
export async function withOutputFolder<T>(
  bytes: number,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  mkdirSync(CACHE_DIR, { recursive: true });
  const parent = freeBytes(MEMORY_FOLDER) > bytes ? MEMORY_FOLDER : CACHE_DIR;
  const folder = mkdtempSync(join(parent, 'sockflow-bench-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
