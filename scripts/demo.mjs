// Shows the command that a built checkout offers.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const run = spawnSync('npx', ['sockflow', '--help'], { cwd: root, stdio: 'inherit' });
process.exitCode = run.status ?? 1;
