// Brings a second Node, the newest supported one, into the git-ignored cache of the workspace.
// It is an ordinary npm package with the official binary; too large for the default install.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { ROOT } from './workspace.mjs';

const PACKAGE_NAME = `node-linux-${process.arch}`;
const CACHE_DIR = join(ROOT, '.cache', 'node-24');
const BIN_DIR = join(CACHE_DIR, 'node_modules', PACKAGE_NAME, 'bin');

/** @returns the folder with the `node` of version 24, installed now if it is not there yet. */
export function installNode24() {
  if (existsSync(join(BIN_DIR, 'node'))) return BIN_DIR;
  console.log(`installing ${PACKAGE_NAME}@24 into .cache/node-24 (about 190 MB)`);
  mkdirSync(CACHE_DIR, { recursive: true });
  writeFileSync(join(CACHE_DIR, 'package.json'), '{ "private": true }\n');
  const npm = spawnSync(
    'npm',
    ['install', '--prefix', CACHE_DIR, '--no-audit', '--no-fund', `${PACKAGE_NAME}@24`],
    {
      cwd: CACHE_DIR,
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  );
  if (npm.status !== 0 || !existsSync(join(BIN_DIR, 'node'))) {
    throw new Error(`could not install ${PACKAGE_NAME}@24: npm ended with ${npm.status}`);
  }
  return BIN_DIR;
}
