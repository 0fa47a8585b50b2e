// Makes fixtures/real.sfrec of fixtures/real-context.ndjson.gz anew; needs a built checkout.
//
//   node scripts/fixtures.mjs [folder to write to, instead of fixtures/]
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';

import { ROOT } from './workspace.mjs';

// What the recording says of its origin is what is known of the machine: fixtures/README.md.
const ORIGIN = ['--origin', 'veth-pair', '--kernel', '6.18.44', '--hz', '250'];
// Any other number would do; a fixed one makes the bytes the same each time.
const RECORDING_ID = ['--recording-id', '5ea1f10ed0c0ffee00000000000000f1'];

const folder = resolve(process.argv[2] ?? join(ROOT, 'fixtures'));
const args = [
  join(ROOT, 'packages/cli/bin/sockflow.js'),
  'convert',
  '--from',
  'context-json',
  join(ROOT, 'fixtures/real-context.ndjson.gz'),
  join(folder, 'real.sfrec'),
  ...ORIGIN,
  ...RECORDING_ID,
];
process.exitCode = spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1;
