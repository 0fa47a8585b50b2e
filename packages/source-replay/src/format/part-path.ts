/*
 * What files of several lanes and unfinished files are called: once, for recordings (F11, F12) and for every other encoding that sinks write.
 *
 *   out.sfrec          one lane; `out.sfrec.part` until it is complete
 *   out.0.sfrec ...    several lanes: the number stands before the extension
 */
import { basename, dirname, extname, join } from 'node:path';

/** The suffix of a file that is not finished (F11). */
export const UNFINISHED_SUFFIX = '.part';

/** The name without the suffix of an unfinished file. */
export function finishedName(name: string): string {
  return name.endsWith(UNFINISHED_SUFFIX) ? name.slice(0, -UNFINISHED_SUFFIX.length) : name;
}

/**
 * The final name of one lane's part (F12): the given name with one lane, `STEM.lane.EXT` with several.
 *
 * @param extension - the name's end that counts as its extension; that behind the last dot where not given.
 */
export function partPath(
  path: string,
  lane: number,
  lanes: number,
  extension: string = extname(path),
): string {
  if (lanes === 1) return path;
  return join(dirname(path), `${basename(path, extension)}.${lane}${extension}`);
}

/** @returns the part's number where `fileName` is a part of `path` by its name, finished or not; `undefined` where it is not. */
export function partNumberOf(
  path: string,
  fileName: string,
  extension: string = extname(path),
): number | undefined {
  const stem = `${basename(path, extension)}.`;
  const name = finishedName(fileName);
  if (!name.startsWith(stem) || !name.endsWith(extension)) return undefined;
  const digits = name.slice(stem.length, name.length - extension.length);
  return /^(0|[1-9]\d{0,4})$/.test(digits) ? Number(digits) : undefined;
}

/** The name of the recording that `path` would be a part of by its name, `STEM.EXT` for `STEM.lane.EXT`; any other path as it is. */
export function logicalPath(path: string): string {
  const extension = extname(path);
  const stem = basename(path, extension);
  const name = stem.replace(/\.(?:0|[1-9]\d{0,4})$/, '');
  return name === '' || name === stem ? path : join(dirname(path), `${name}${extension}`);
}
