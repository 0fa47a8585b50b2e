import { basename, dirname, extname, join } from 'node:path';

/** What an output is called until it is complete. */
export const PART_SUFFIX = '.part';

/** A path cut before its extension, so that a lane's number fits in between: `.context.ndjson` is one extension. */
function splitPath(
  path: string,
  extensions: readonly string[],
): { readonly stem: string; readonly extension: string } {
  const name = basename(path);
  const known = extensions.find((extension) => name.endsWith(extension) && name !== extension);
  const extension = known ?? extname(name);
  return { stem: path.slice(0, path.length - extension.length), extension };
}

/** The final name of a lane's output: the path itself with one lane, `stem.N.ext` with several. */
export function lanePath(
  path: string,
  extensions: readonly string[],
  lane: number,
  lanes: number,
): string {
  if (lanes === 1) return path;
  const { stem, extension } = splitPath(path, extensions);
  return `${stem}.${lane}${extension}`;
}

/** Those of a folder's file names that an earlier run under the same path left: its parts by lane and what was never completed. */
export function earlierOutputs(
  path: string,
  extensions: readonly string[],
  names: readonly string[],
): string[] {
  const { stem, extension } = splitPath(basename(path), extensions);
  const isEarlier = (name: string): boolean => {
    const complete = name.endsWith(PART_SUFFIX) ? name.slice(0, -PART_SUFFIX.length) : name;
    if (complete === `${stem}${extension}`) return true;
    if (!complete.startsWith(`${stem}.`) || !complete.endsWith(extension)) return false;
    const lane = complete.slice(stem.length + 1, complete.length - extension.length);
    return /^(0|[1-9]\d?)$/.test(lane) && complete === `${stem}.${lane}${extension}`;
  };
  return names.filter(isEarlier).map((name) => join(dirname(path), name));
}
