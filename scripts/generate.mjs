// Writes every generated file of the tree anew. The generator is part of the core package, and so
// are files that it writes: after a change of the schema, the package may compile only once they
// are new. Hence two builds, of which the first may report errors (tsc emits all the same).
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { ROOT } from './workspace.mjs';

const GENERATOR = 'packages/core/dist/schema/generate/main.js';
const BUILD = ['node_modules/.bin/tsc', '-b', 'packages/core'];

function run([command, ...args], stdio) {
  return spawnSync(command, args, { cwd: ROOT, stdio }).status ?? 1;
}

run(BUILD, 'ignore');
if (existsSync(join(ROOT, GENERATOR))) {
  process.exitCode = run([process.execPath, GENERATOR], 'inherit') || run(BUILD, 'inherit');
} else {
  console.log(`nothing to generate: ${GENERATOR} does not exist`);
}
