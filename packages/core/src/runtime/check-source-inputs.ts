import { realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import type { Source } from '../contracts/source.ts';
import { ConfigError } from '../errors.ts';
import type { InspectedOutput } from '../pipeline/inspect-pipeline.ts';

/**
 * Whether no sink of a run writes to what its source reads: the input would be removed or emptied, before it is read or after.
 *
 * @throws ERR_SOCKFLOW_INVALID_OPTION
 */
export function checkSourceInputs(source: Source, outputs: readonly InspectedOutput[]): void {
  const inputOf = new Map<string, string>();
  for (const input of source.inputs?.() ?? []) {
    for (const identity of identitiesOf(input)) inputOf.set(identity, input);
  }
  if (inputOf.size === 0) return;
  for (const { name, sinks } of outputs) {
    for (const sink of sinks) {
      if (sink.target === undefined) continue;
      const input = identitiesOf(sink.target)
        .map((identity) => inputOf.get(identity))
        .find((found) => found !== undefined);
      if (input === undefined) continue;
      throw new ConfigError(
        'ERR_SOCKFLOW_INVALID_OPTION',
        `the sink ${sink.name} writes over what ${source.name} reads`,
        {
          details: { path: input, output: name, sink: sink.name, source: source.name },
          remedy: 'give the sink another name',
        },
      );
    }
  }
}

/** What a file is known by: its path without links in its folder and, where it is there, its device and inode, which all its names share. */
function identitiesOf(path: string): string[] {
  const identities = [join(realFolder(dirname(path)), basename(path))];
  try {
    const stats = statSync(path);
    if (stats.isFile()) identities.push(`${stats.dev}:${stats.ino}`);
  } catch {
    // Not there, or not to be looked at: it has no other name that matters.
  }
  return identities;
}

function realFolder(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
