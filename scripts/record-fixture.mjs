// Makes fixtures/live.sfrec and fixtures/live-did.ndjson anew, of traffic of its own, on this kernel. Needs a built checkout, root and what tests of the kernel need.
//
//   node scripts/record-fixture.mjs [folder to write to, instead of fixtures/]
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';

import { ROOT } from './workspace.mjs';

const folder = resolve(process.argv[2] ?? join(ROOT, 'fixtures'));
const program = join(ROOT, 'e2e/dist/kernel/golden/record-golden.js');
process.exitCode = spawnSync(process.execPath, [program, folder], { stdio: 'inherit' }).status ?? 1;
