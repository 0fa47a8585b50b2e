import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { ioError } from './io-error.ts';
import type { PartNames } from './part-names.ts';

/** How much of a series stays. */
export interface Keep {
  readonly parts: number;
  readonly bytes: number;
}

interface CompletePart {
  readonly path: string;
  readonly bytes: number;
  readonly time: string;
  readonly n: number;
}

/**
 * Removes the oldest complete parts of a series, of all its lanes and runs, beyond what is kept; the newest always stays. Whatever has another name, unfinished parts included, is
 * let be.
 *
 * Lanes may do so at the same time: what one has not seen yet is newer than all that it removes.
 *
 * @param series - the names of the series with one lane and with several
 * @throws ERR_SOCKFLOW_SINK_WRITE
 */
export async function removeOldParts(series: readonly PartNames[], keep: Keep): Promise<void> {
  const [{ folder } = { folder: '.' }] = series;
  try {
    const parts = await completeParts(folder, series);
    let count = 0;
    let bytes = 0;
    for (const part of parts.toSorted(newestFirst)) {
      count += 1;
      bytes += part.bytes;
      if (count > 1 && (count > keep.parts || bytes > keep.bytes))
        await rm(part.path, { force: true });
    }
  } catch (error) {
    throw ioError(error, folder, 'remove');
  }
}

async function completeParts(
  folder: string,
  series: readonly PartNames[],
): Promise<CompletePart[]> {
  const parts: CompletePart[] = [];
  for (const entry of await readdir(folder)) {
    const key = series.map((names) => names.read(entry)).find((found) => found !== undefined);
    if (key === undefined) continue;
    const path = join(folder, entry);
    // Another lane may have removed it.
    const found = await stat(path).catch(() => undefined);
    if (found?.isFile() === true) parts.push({ path, bytes: found.size, ...key });
  }
  return parts;
}

function newestFirst(one: CompletePart, other: CompletePart): number {
  if (one.time !== other.time) return one.time < other.time ? 1 : -1;
  return other.n - one.n;
}
