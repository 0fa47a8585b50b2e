import { createHash } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { CACHE_DIR } from './paths.ts';

/**
 * Writes bytes into a file of the cache, once for the same bytes, and gives its path: a file that was cut short is written anew, one of other bytes has another name.
 *
 * @param name what the file's name begins with
 * @param folder that of the cache, but for tests
 */
export function cachedFile(name: string, bytes: Uint8Array, folder: string = CACHE_DIR): string {
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
  const path = join(folder, `${name}-${hash}`);
  if (statSync(path, { throwIfNoEntry: false })?.size === bytes.byteLength) return path;
  mkdirSync(folder, { recursive: true });
  // Another process may write the same: whoever is last, the name is never of half a file.
  const part = `${path}.${process.pid}.part`;
  try {
    writeFileSync(part, bytes);
    renameSync(part, path);
  } finally {
    rmSync(part, { force: true });
  }
  return path;
}
