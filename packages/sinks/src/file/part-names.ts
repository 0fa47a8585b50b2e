import { basename, dirname, extname, join } from 'node:path';

import { LANE_BUCKETS } from '@sockflow/core';
import { finishedName, partNumberOf, partPath } from '@sockflow/source-replay/part-names';

/** A path's extension, so that a lane's number fits before it: `.context.ndjson` is one. */
export function extensionOf(path: string, extensions: readonly string[]): string {
  const name = basename(path);
  return (
    extensions.find((extension) => name.endsWith(extension) && name !== extension) ?? extname(name)
  );
}

/** The names that a path's lanes may have, of however many lanes. */
export function laneNames(path: string, extensions: readonly string[]): string[] {
  const extension = extensionOf(path, extensions);
  return Array.from({ length: LANE_BUCKETS }, (_, lane) =>
    partPath(path, lane, LANE_BUCKETS, extension),
  );
}

/** Those of a folder's file names that an earlier run under the same path left: its parts by lane and what was never completed. */
export function earlierOutputs(
  path: string,
  extensions: readonly string[],
  names: readonly string[],
): string[] {
  const extension = extensionOf(path, extensions);
  const isEarlier = (name: string): boolean =>
    finishedName(name) === basename(path) ||
    (partNumberOf(path, name, extension) ?? LANE_BUCKETS) < LANE_BUCKETS;
  return names.filter(isEarlier).map((name) => join(dirname(path), name));
}
