// Writes every generated file of the tree anew. The generators are parts of the packages: the
// core package holds files that its own generator writes, and may compile only once they are new
// after a change of the schema. Hence two builds of it, of which the first may report errors (tsc
// emits all the same).
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

import { installBuf } from './buf.mjs';
import { ROOT } from './workspace.mjs';

const GENERATOR = 'packages/core/dist/schema/generate/main.js';
const BUILD = ['node_modules/.bin/tsc', '-b', 'packages/core'];
/** Writes docs/reference/cli.md from the definitions of the commands. */
const COMMAND_PAGE = 'packages/cli/dist/reference/main.js';
/** Writes packages/benchmark/bench.schema.json. */
const BENCH_SCHEMA = 'packages/benchmark/dist/document/write-schema.js';
const BUILD_BENCH_SCHEMA = ['node_modules/.bin/tsc', '-b', 'packages/benchmark'];
const BUILD_COMMAND = ['node_modules/.bin/tsc', '-b', 'packages/cli'];
/** Writes bench/src/peers/ts/generated from what lies here. */
const MESSAGES = 'bench/proto';

function run([command, ...args], stdio) {
  return spawnSync(command, args, { cwd: ROOT, stdio }).status ?? 1;
}

function generateMessages() {
  const env = { ...process.env, PATH: `${installBuf()}${delimiter}${process.env.PATH}` };
  const cwd = join(ROOT, MESSAGES);
  return spawnSync('buf', ['generate'], { cwd, stdio: 'inherit', env }).status ?? 1;
}

run(BUILD, 'ignore');
if (existsSync(join(ROOT, GENERATOR))) {
  process.exitCode =
    run([process.execPath, GENERATOR], 'inherit') ||
    run(BUILD, 'inherit') ||
    run(BUILD_BENCH_SCHEMA, 'inherit') ||
    run([process.execPath, BENCH_SCHEMA], 'inherit') ||
    run(BUILD_COMMAND, 'inherit') ||
    run([process.execPath, COMMAND_PAGE], 'inherit') ||
    generateMessages();
} else {
  console.log(`nothing to generate: ${GENERATOR} does not exist`);
}
