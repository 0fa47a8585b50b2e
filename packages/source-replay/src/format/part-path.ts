import { basename, dirname, extname, join } from 'node:path';

/** The suffix of a part that is not finished (F11). */
export const UNFINISHED_SUFFIX = '.part';

/** The final name of one lane's part of a recording (F12): the given name with one lane, `STEM.lane.EXT` with several. */
export function partPath(path: string, lane: number, lanes: number): string {
  if (lanes === 1) return path;
  const extension = extname(path);
  const stem = basename(path, extension);
  return join(dirname(path), `${stem}.${lane}${extension}`);
}

/** @returns the part's number where `fileName` is a part of `path` by its name, finished or not; `undefined` where it is not. */
export function partNumberOf(path: string, fileName: string): number | undefined {
  const extension = extname(path);
  const stem = `${basename(path, extension)}.`;
  const name = fileName.endsWith(UNFINISHED_SUFFIX)
    ? fileName.slice(0, -UNFINISHED_SUFFIX.length)
    : fileName;
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
