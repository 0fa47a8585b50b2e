import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

import { figure } from '@sockflow/benchmark';
import { generateRecording } from '@sockflow/source-replay/generate';
import { filterTime, fromReplay, openRecording, type ReplaySpeed, run } from 'sockflow';

import type { BenchCase, BenchRun } from '../harness/bench-case.ts';
import { drain } from '../harness/drain.ts';
import { withOutputFolder } from '../harness/output-folder.ts';
import type { Lateness } from './pace.pipeline.ts';

const PIPELINE = new URL('./pace.pipeline.js', import.meta.url);
/** Events until the lane's code is compiled. */
const WARM_EVENTS = 500;
const BUSY = 'for (;;);';
/** Asked for: gaps are kept within so much. */
const MOST_MS = 1;
/** 56,000 events in 36 s. */
const GENERATED = { connections: 3000, seed: 3 } as const;
const FOLDER_BYTES = 2 ** 25;
const DURATION_MS = 8000;
const SMOKE_MS = 2000;

/** How a pass went: how far each event was from its time, by the most punctual event of all lanes, ms ascending. */
interface Pass {
  readonly lateMs: Float64Array;
  readonly cpuMsPerSec: number;
}

/** Where and how a recording is replayed. */
interface Pace {
  readonly name: string;
  readonly path: string;
  readonly speed: ReplaySpeed;
  readonly lanes: number;
  /** Threads that do nothing but keep a core busy meanwhile. */
  readonly busyThreads: number;
  /** Of the recording, ms. */
  readonly durationMs: number;
}

/**
 *   a paced replay  ──►  lanes: when does each event's batch come, and when was it due?
 *
 * The common start is that of the most punctual event of all lanes; what is told is how much later than by it the others came, and what it costs: on a machine that does nothing else, and
 * on one whose cores are all busy.
 */
export const paceCase: BenchCase = {
  suite: 'cost',
  name: 'pace',
  says: 'how late events are in a replay as they came, and its CPU time, on an idle machine and a busy one',
  async run(bench) {
    const durationMs = bench.isSmoke ? SMOKE_MS : DURATION_MS;
    await withOutputFolder(FOLDER_BYTES, async (folder) => {
      const path = join(folder, 'paced.sfrec');
      await generateRecording(path, GENERATED);
      for (const lanes of [1, 2]) {
        for (const busyThreads of [0, availableParallelism()]) {
          const name = `${lanes}-lane${lanes > 1 ? 's' : ''}${busyThreads > 0 ? '-busy' : ''}`;
          await measure({ name, path, speed: 1, lanes, busyThreads, durationMs }, bench);
        }
      }
    });
  },
};

async function measure(how: Pace, bench: BenchRun): Promise<void> {
  const { lateMs, cpuMsPerSec } = await pass(how);
  const row = (name: string, unit: string, value: number, budget?: number): void =>
    bench.result(
      figure({
        id: `cost/${how.name}/pace/${name}`,
        reads: 'tsUs of every event; one pass, beside its most punctual event',
        values: [value],
        unit,
        isLessBetter: true,
        budget,
      }),
    );
  const isBusy = how.busyThreads > 0;
  for (const [name, share] of [
    ['p50', 0.5],
    ['p99', 0.99],
    ['max', 1],
  ] as const) {
    const value = lateMs[Math.ceil(share * lateMs.length) - 1] ?? NaN;
    row(name, 'ms late', value, name === 'p99' && !isBusy ? MOST_MS : undefined);
  }
  // The busy threads are of this process.
  if (!isBusy) row('cpu', 'ms CPU/s', cpuMsPerSec);
}

async function pass({ path, speed, lanes, busyThreads, durationMs }: Pace): Promise<Pass> {
  const firstNs = firstTimeOf(path);
  const endNs = firstNs + durationMs * 1e6;
  const events = await eventsBefore(path, endNs);
  const busy = Array.from({ length: busyThreads }, () => new Worker(BUSY, { eval: true }));
  const handle = run(PIPELINE, { lanes, params: { path, speed, firstNs, endNs, events } });
  const takes: Lateness[] = [];
  handle.results.subscribe((value) => takes.push(value as Lateness));
  let elapsedMs: number;
  let used: NodeJS.CpuUsage;
  try {
    await handle.started;
    const start = { cpu: process.cpuUsage(), ms: performance.now() };
    await handle.done;
    elapsedMs = performance.now() - start.ms;
    used = process.cpuUsage(start.cpu);
  } finally {
    await Promise.all(busy.map((worker) => worker.terminate()));
  }
  const came = takes.reduce((sum, { lateMs }) => sum + lateMs.length, 0);
  if (takes.length !== lanes || came !== events)
    throw new Error(`cost/pace: ${came} events of ${events} came, of ${takes.length} lanes`);
  const all = takes.flatMap(({ lateMs }) => [...lateMs.subarray(WARM_EVENTS)]);
  const earliestMs = all.reduce((least, value) => Math.min(least, value), Infinity);
  return {
    lateMs: Float64Array.from(all, (value) => value - earliestMs).toSorted(),
    cpuMsPerSec: (used.user + used.system) / elapsedMs,
  };
}

async function eventsBefore(path: string, endNs: number): Promise<number> {
  let events = 0;
  await drain(fromReplay(path).pipe(filterTime({ endNs: BigInt(endNs) })), ({ size }) => {
    events += size;
  });
  return events;
}

/** Ns since boot. */
function firstTimeOf(path: string): number {
  const { parts } = openRecording(path);
  let firstNs = Infinity;
  for (const { blocks } of parts) {
    for (let row = 0; row < blocks.count; row++) {
      firstNs = Math.min(firstNs, Number(blocks.firstTimeNs(row)));
    }
  }
  return firstNs;
}
