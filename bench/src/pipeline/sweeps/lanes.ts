import { availableParallelism } from 'node:os';

import type { Pass } from '@sockflow/benchmark';

import type { BenchCase, BenchRun } from '../../harness/bench-case.ts';
import { ANY_CB, OP_MASK } from '../../harness/bench-filter.ts';
import { cPass } from '../../harness/c-pass.ts';
import { withC } from '../../harness/c-program.ts';
import type { PeerProgram } from '../../harness/peer-program.ts';
import { generatedRecording } from '../../harness/recording-input.ts';
import { type Curve, sweep } from '../../harness/sweep.ts';
import { lanesPass } from '../lanes-pass.ts';

const ID = 'pipeline/generated/lanes';
/* A lane compiles its pipeline in the background for some ten ms: a long input makes that small. As of two-lanes.ts, whose recording it is. */
const INPUT_FACTOR = 4;
const MOST_ROUNDS = 5;
const OURS = 'lanes';
const THEIRS = 'C: threads';

/** What a further lane brings, up to the cores and beyond. */
export const lanes: BenchCase = {
  suite: 'pipeline',
  name: 'lanes',
  says: 'throughput against lanes, up to twice the cores, beside C threads',
  run: runLanes,
};

async function runLanes(bench: BenchRun): Promise<void> {
  const inputBytes = bench.inputBytes * (bench.isSmoke ? 1 : INPUT_FACTOR);
  const { path, events } = await generatedRecording({ ...bench, inputBytes });
  await withC(bench, { program: 'files', libraries: ['z'], rows: [`${ID}/c`] }, (c) =>
    measure(bench, path, events, c),
  );
}

async function measure(
  bench: BenchRun,
  path: string,
  events: number,
  c: PeerProgram | undefined,
): Promise<void> {
  const cores = availableParallelism();
  const counts = bench.isSmoke ? [1, cores] : countsUpTo(cores);
  const curves: Curve<number>[] = [
    { name: OURS, pass: (count) => () => inLanes(count, path) },
    {
      name: THEIRS,
      pass: (count) => c && (() => cPass(c, `lanes ${count} ${OP_MASK} ${ANY_CB} ${path}`)),
    },
  ];
  const swept = await sweep<number>({
    id: ID,
    title: 'Throughput against lanes',
    x: {
      label: `lanes, or threads, over a recording in the page cache; ${cores} cores: more than ${cores} share them`,
      scale: 'category',
    },
    y: {
      label: 'events per second: read, checked, filtered, counted',
      scale: 'linear',
    },
    rounds: Math.min(bench.rounds, MOST_ROUNDS),
    points: counts.map((count) => ({ x: String(count), at: count })),
    curves,
    yOf: (ns) => events / (ns / 1e9),
  });
  bench.plot(swept.plot);
  for (const count of counts) {
    const row = swept.row({
      id: `${ID}-${count}/c-threads`,
      reads: 'op, callback flags; time of survivors',
      unit: 'events/s',
      isLessBetter: false,
      baseline: `C: read, CRC (zlib), filter in ${count} threads`,
      kind: 'peer',
      curve: OURS,
      against: THEIRS,
      x: String(count),
    });
    if (row !== undefined) bench.result(row);
  }
}

/** @throws Error where it was taken in another number of lanes */
async function inLanes(count: number, path: string): Promise<Pass> {
  const pass = await lanesPass(path, count);
  if (pass.lanes !== count) throw new Error(`${ID}: taken in ${pass.lanes} lanes of ${count}`);
  return pass;
}

/** 1, 2, … up to 4, then doubled, up to twice the cores, which are among them. */
function countsUpTo(cores: number): readonly number[] {
  const all = new Set([1, 2, 3, 4, cores, cores * 2]);
  for (let count = 8; count < cores * 2; count *= 2) all.add(count);
  return [...all].filter((count) => count <= cores * 2 && count <= 64).toSorted((a, b) => a - b);
}
