import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import type { CaseResult } from '../harness/case-result.ts';
import { median } from '../harness/paired.ts';
import type { SuiteOptions } from '../harness/suite.ts';
import { withPlaces } from './places.ts';

const PROGRAM = fileURLToPath(new URL('./idle-child.js', import.meta.url));
const SECONDS = 3;
/* A process each: some are enough. */
const MOST_ROUNDS = 3;
/** Asked for: about nothing. One in two hundred of a CPU is what can be told from it on a machine that does other things. */
const MOST_MS_PER_SEC = 5;

/** CPU time of a process with a run on a cgroup where nothing happens, beside a Node process that sleeps. */
export function idle(options: SuiteOptions, report: (result: CaseResult) => void): Promise<void> {
  return withPlaces((places) => {
    const cgroup = places.cgroup();
    const ours: number[] = [];
    const bare: number[] = [];
    const rounds = Math.min(options.rounds, MOST_ROUNDS);
    const seconds = options.inputBytes < 2 ** 28 ? 1 : SECONDS;
    for (let round = 0; round < rounds; round++) {
      ours.push(msPerSec(cgroup, seconds));
      bare.push(msPerSec('', seconds));
    }
    report({
      id: 'kernel/idle',
      value: median(ours),
      unit: 'ms CPU/s',
      baseline: `bare Node ${median(bare).toFixed(2)}`,
      ratio: undefined,
      spread: [Math.min(...ours), Math.max(...ours)],
      budget: MOST_MS_PER_SEC,
      pass: median(ours) <= MOST_MS_PER_SEC,
    });
    return Promise.resolve();
  });
}

function msPerSec(cgroup: string, seconds: number): number {
  const child = spawnSync(process.execPath, [PROGRAM, cgroup, String(seconds)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (child.status !== 0) throw new Error('the process that idles failed');
  return (JSON.parse(child.stdout) as { msPerSec: number }).msPerSec;
}
