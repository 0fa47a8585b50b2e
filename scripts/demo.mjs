// The main job on real events: a recording through two lanes, with filters, to files; a question answered; the ledger.
// Then the same of the kernel itself, where the machine allows it. Needs a built checkout, which `npm run demo` sees to.
import { spawnSync } from 'node:child_process';

import { liveDemo } from './demo/live.mjs';
import { ROOT } from './workspace.mjs';

const run = spawnSync(
  process.execPath,
  ['examples/retransmits/dist/main.js', '--out', 'out/demo'],
  {
    cwd: ROOT,
    stdio: 'inherit',
  },
);
if (run.status === 0) {
  await liveDemo();
  console.log(`
Go on:  npx sockflow inspect fixtures/real.sfrec
        npx sockflow replay fixtures/real.sfrec --op RTT_CB --port 8010
        npx sockflow watch --table --replay fixtures/real.sfrec; without --replay it shows this machine
        examples/retransmits/src is the pipeline: 20 lines, and 40 that tell the story of a connection`);
}
process.exitCode = run.status ?? 1;
