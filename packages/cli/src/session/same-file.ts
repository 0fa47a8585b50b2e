import { statSync } from 'node:fs';
import { resolve } from 'node:path';

import { ConfigError } from '@sockflow/core';

/** Refuses an output that is the input: it would be emptied before it is read. */
export function refuseSameFile(input: string, output: string): void {
  if (!isSameFile(input, output)) return;
  throw new ConfigError('ERR_SOCKFLOW_INVALID_OPTION', 'the output is the input', {
    details: { place: output },
    remedy: 'Give another name for the output',
  });
}

function isSameFile(a: string, b: string): boolean {
  if (resolve(a) === resolve(b)) return true;
  const first = identityOf(a);
  return first !== undefined && first === identityOf(b);
}

/** What a file is known by under all its names; `undefined` where there is none, or none that can be looked at. */
function identityOf(path: string): string | undefined {
  try {
    const stats = statSync(path);
    return stats.isFile() ? `${stats.dev}:${stats.ino}` : undefined;
  } catch {
    return undefined;
  }
}
