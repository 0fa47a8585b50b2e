import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { type SkippableTest, skipTest } from './needs.ts';

const CACHED_NODE = fileURLToPath(
  new URL(
    `../../../.cache/node-24/node_modules/node-linux-${process.arch}/bin/node`,
    import.meta.url,
  ),
);

/**
 * States that a test needs a Node 24 beside the one that runs it.
 *
 * @returns the folder of its `node`, to be put first on a PATH; `undefined` when there is none: the
 *   test is skipped with the reason. A run with SOCKFLOW_REQUIRE=all installs it first.
 */
export function requireNode24(test: SkippableTest): string | undefined {
  if (process.version.startsWith('v24.')) return dirname(process.execPath);
  if (existsSync(CACHED_NODE)) return dirname(CACHED_NODE);
  skipTest(test, `needs Node 24 in ${join('.cache', 'node-24')}`);
  return undefined;
}
