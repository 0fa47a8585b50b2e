import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { figure, median } from '@sockflow/benchmark';

import type { BenchRun } from '../harness/bench-case.ts';
import { inTurns } from '../harness/in-turns.ts';
import { kernelCase } from '../harness/kernel-case.ts';
import { withPlaces } from '../harness/places.ts';

const PROGRAM = fileURLToPath(new URL('./idle-child.js', import.meta.url));
const SECONDS = 3;
/* A process each: some are enough. */
const MOST_ROUNDS = 3;
/** Asked for: about nothing. One in two hundred of a CPU is what can be told from it on a machine that does other things. */
const MOST_MS_PER_SEC = 5;

/** CPU time of a process with a run on a cgroup where nothing happens, beside a Node process that sleeps. */
export const idleCase = kernelCase({
  suite: 'cost',
  name: 'idle',
  says: 'CPU time of a run where nothing happens, beside a Node process that sleeps',
  run: idle,
});

function idle(bench: BenchRun): Promise<void> {
  return withPlaces(async (places) => {
    const cgroup = places.cgroup();
    const seconds = bench.inputBytes < 2 ** 28 ? 1 : SECONDS;
    const taken = await inTurns(bench, Math.min(bench.rounds, MOST_ROUNDS), {
      first: () => msPerSec(cgroup, seconds),
      second: () => msPerSec('', seconds),
    });
    bench.result(
      figure({
        id: 'cost/nothing/idle/bare-node',
        reads: 'nothing: no event comes',
        values: taken.map(([ours]) => ours),
        unit: 'ms CPU/s',
        isLessBetter: true,
        budget: MOST_MS_PER_SEC,
        beside: { title: 'bare Node', kind: 'self', value: median(taken.map(([, bare]) => bare)) },
      }),
    );
  });
}

function msPerSec(cgroup: string, seconds: number): number {
  const child = spawnSync(process.execPath, [PROGRAM, cgroup, String(seconds)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (child.status !== 0) throw new Error('the process that idles failed');
  const found = JSON.parse(child.stdout) as { msPerSec: number; isRunning: boolean };
  if (found.isRunning !== (cgroup !== '')) throw new Error('the process did not idle as it should');
  return found.msPerSec;
}
