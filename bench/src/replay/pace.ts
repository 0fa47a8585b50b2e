import { Worker } from 'node:worker_threads';

import { openRecording, type ReplaySpeed, run } from 'sockflow';

import type { CaseResult } from '../harness/case-result.ts';
import type { Lateness } from './pace.pipeline.ts';

const PIPELINE = new URL('./pace.pipeline.js', import.meta.url);
/** Events until the lane's code is compiled. */
const WARM_EVENTS = 500;
const BUSY = 'for (;;);';
/** Asked for: gaps are kept within so much. */
const MOST_MS = 1;

/** How a pass went: how far each event was from its time, by the most punctual event of all lanes, ms ascending. */
interface Pass {
  readonly lateMs: Float64Array;
  readonly cpuMsPerSec: number;
}

/** Where and how a recording is replayed. */
export interface PaceCase {
  readonly name: string;
  readonly path: string;
  readonly speed: ReplaySpeed;
  readonly lanes: number;
  /** Threads that do nothing but keep a core busy meanwhile. */
  readonly busyThreads: number;
  /** End after so long, ms. */
  readonly durationMs: number;
}

/**
 *   a paced replay  ──►  lanes: when does each event's batch come, and when was it due?
 *
 * The common start is that of the most punctual event of all lanes; what is told is how much later than by it the others came, and what it costs.
 */
export async function pace(
  paceCase: PaceCase,
  report: (result: CaseResult) => void,
): Promise<void> {
  const { lateMs, cpuMsPerSec } = await pass(paceCase);
  const id = `replay/pace/${paceCase.name}`;
  const told = { baseline: undefined, ratio: undefined };
  const isBusy = paceCase.busyThreads > 0;
  for (const [name, share] of [
    ['p50', 0.5],
    ['p99', 0.99],
    ['max', 1],
  ] as const) {
    const value = lateMs[Math.ceil(share * lateMs.length) - 1] ?? 0;
    const budget = name === 'p99' && !isBusy ? MOST_MS : undefined;
    report({
      ...told,
      id: `${id}/${name}`,
      value,
      unit: 'ms late',
      spread: [lateMs[0] ?? 0, lateMs.at(-1) ?? 0],
      budget,
      pass: budget === undefined ? undefined : value <= budget,
    });
  }
  // The busy threads are of this process.
  if (isBusy) return;
  report({
    ...told,
    id: `${id}/cpu`,
    value: cpuMsPerSec,
    unit: 'ms CPU/s',
    spread: [cpuMsPerSec, cpuMsPerSec],
    budget: undefined,
    pass: undefined,
  });
}

async function pass({ path, speed, lanes, busyThreads, durationMs }: PaceCase): Promise<Pass> {
  const busy = Array.from({ length: busyThreads }, () => new Worker(BUSY, { eval: true }));
  const { events, firstNs } = contentsOf(path);
  const handle = run(PIPELINE, { lanes, durationMs, params: { path, speed, firstNs, events } });
  const takes: Lateness[] = [];
  handle.results.subscribe((value) => takes.push(value as Lateness));
  await handle.started;
  const start = { cpu: process.cpuUsage(), ms: performance.now() };
  await handle.done;
  const elapsedMs = performance.now() - start.ms;
  const { user, system } = process.cpuUsage(start.cpu);
  await Promise.all(busy.map((worker) => worker.terminate()));
  const all = takes.flatMap(({ lateMs }) => [...lateMs.subarray(WARM_EVENTS)]);
  const earliestMs = all.reduce((least, value) => Math.min(least, value), Infinity);
  return {
    lateMs: Float64Array.from(all, (value) => value - earliestMs).toSorted(),
    cpuMsPerSec: (user + system) / elapsedMs,
  };
}

function contentsOf(path: string): { events: number; firstNs: number } {
  const { parts, events } = openRecording(path);
  let firstNs = Infinity;
  for (const { blocks } of parts) {
    for (let row = 0; row < blocks.count; row++) {
      firstNs = Math.min(firstNs, Number(blocks.firstTimeNs(row)));
    }
  }
  return { events, firstNs };
}
