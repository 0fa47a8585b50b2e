// Fails when a generated file of the tree is not what the generator writes today. The files are
// left as generated, so that `git diff` shows what was stale.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { filesBelow, ROOT } from './workspace.mjs';

const ROOTS_OF_GENERATED = ['docs', 'packages', 'bench', 'e2e'];

function checksums() {
  const sums = new Map();
  for (const root of ROOTS_OF_GENERATED) {
    for (const path of filesBelow(root, () => true)) {
      sums.set(
        path,
        createHash('sha1')
          .update(readFileSync(join(ROOT, path)))
          .digest('hex'),
      );
    }
  }
  return sums;
}

const before = checksums();
const generate = spawnSync(process.execPath, ['scripts/generate.mjs'], {
  cwd: ROOT,
  stdio: 'inherit',
});
if (generate.status !== 0) throw new Error(`the generator ended with code ${generate.status}`);
const after = checksums();

const stale = [...after.keys()].filter((path) => before.get(path) !== after.get(path));
for (const path of stale) {
  console.log(`${before.has(path) ? 'stale' : 'missing'}: ${path}`);
}
if (stale.length > 0) {
  console.log('generated files differ from what the tree holds; commit what pnpm generate writes');
  process.exitCode = 1;
} else {
  console.log('generated files are up to date');
}
