/*
 * Kills a process with a spool at random moments, and checks what arrives in the end: the long form of spool-kill.test.ts.
 *
 *   node e2e/dist/durability/spool-kill.js [--kills N, 200] [--seed N, the time]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { killSpools } from './spool-kills.ts';

const KILLS_OF_A_SPOOL = 10;

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const first = Number(values.seed);
for (let done = 0; done < Number(values.kills); done += KILLS_OF_A_SPOOL) {
  const seed = first + done;
  const dir = mkdtempSync(join(tmpdir(), 'sockflow-spool-kill-'));
  console.log(`seed ${seed}, in ${dir}`);
  const found = await killSpools(dir, KILLS_OF_A_SPOOL, seed);
  console.log(
    `${done + found.kills} kills: ${found.acknowledged} acknowledged, ${found.delivered} delivered, ${found.twice} of them twice`,
  );
  // What a failed check is about stays.
  rmSync(dir, { recursive: true });
}
