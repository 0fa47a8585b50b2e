// Writes every generated file of the tree anew; the generator is part of the core package.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { ROOT } from './workspace.mjs';

const GENERATOR = 'packages/core/dist/schema/generate/main.js';

if (existsSync(join(ROOT, GENERATOR))) {
  const run = spawnSync(process.execPath, [GENERATOR], { cwd: ROOT, stdio: 'inherit' });
  process.exitCode = run.status ?? 1;
} else {
  console.log(`nothing to generate: ${GENERATOR} does not exist`);
}
