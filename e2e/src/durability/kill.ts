/*
 * Kills a writer at random moments, under every fsync policy, and checks what it leaves: the long form of kill.test.ts.
 *
 *   node e2e/dist/durability/kill.js [--kills N of each policy, 200] [--seed N, the time] [--dir FOLDER, a temporary one]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { describeRound } from './kill-rounds.ts';
import { killUnderEveryPolicy } from './kill-under-every-policy.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    dir: { type: 'string', default: tmpdir() },
  },
});
const dir = mkdtempSync(join(values.dir, 'sockflow-kill-'));
console.log(`seed ${values.seed}, ${values.kills} kills of each policy, in ${dir}`);
let rounds = 0;
await killUnderEveryPolicy(dir, Number(values.kills), Number(values.seed), (result) => {
  rounds += 1;
  console.log(`${rounds}: ${describeRound(result)}`);
});
console.log(`${rounds} kills: every acknowledged event was readable, and no complete part broken`);
// What a failed check is about stays.
rmSync(dir, { recursive: true });
