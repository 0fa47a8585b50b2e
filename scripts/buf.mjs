// Brings the protobuf compiler and its generator of TypeScript into the git-ignored cache of the workspace.
// Only who changes bench/proto needs them, or checks what is generated: too large for the default install.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { ROOT } from './workspace.mjs';

const PACKAGES = ['@bufbuild/buf@1.75.0', '@bufbuild/protoc-gen-es@2.17.0'];
const CACHE_DIR = join(ROOT, '.cache', 'buf');
const BIN_DIR = join(CACHE_DIR, 'node_modules', '.bin');
/** Tells of which versions the folder is: it is written last. */
const STAMP = join(CACHE_DIR, PACKAGES.join('_').replaceAll('/', '-'));

/** @returns the folder with `buf` and `protoc-gen-es`, installed now where they are not there in these versions. */
export function installBuf() {
  if (existsSync(STAMP)) return BIN_DIR;
  console.log(`installing ${PACKAGES.join(' and ')} into .cache/buf (about 130 MB)`);
  mkdirSync(CACHE_DIR, { recursive: true });
  writeFileSync(join(CACHE_DIR, 'package.json'), '{ "private": true }\n');
  const npm = spawnSync(
    'npm',
    [
      'install',
      '--prefix',
      CACHE_DIR,
      '--no-audit',
      '--no-fund',
      '--ignore-scripts',
      '--loglevel=error',
      ...PACKAGES,
    ],
    { cwd: CACHE_DIR, stdio: ['ignore', 'ignore', 'inherit'] },
  );
  if (npm.status !== 0) throw new Error(`could not install buf: npm ended with ${npm.status}`);
  writeFileSync(STAMP, '');
  return BIN_DIR;
}
