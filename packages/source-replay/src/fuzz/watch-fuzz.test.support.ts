import { Worker } from 'node:worker_threads';

import type { FuzzWorkerData } from './fuzz-worker.test.support.ts';
import type { FuzzOptions, FuzzReport } from './fuzz.test.support.ts';

const SHARED_BYTES = 16384;
const LOOK_MS = 500;
/** One input that costs so much of the processor without an end is a hang; time alone says nothing, since a busy machine may leave it none. */
const HANG_CPU_MS = 60_000;
const MAX_HEAP_MIB = 1024;

/**
 * Runs the loop in a thread of its own and watches it.
 *
 * @throws Error that names the plan where the thread hangs, runs out of memory or dies
 */
export async function watchFuzz(
  options: Omit<FuzzOptions, 'onPlan' | 'onProgress'>,
  onProgress: (report: FuzzReport) => void = () => {},
): Promise<FuzzReport> {
  const shared = new SharedArrayBuffer(SHARED_BYTES);
  const counter = new Int32Array(shared, 0, 2);
  const worker = new Worker(new URL('./fuzz-worker.test.support.js', import.meta.url), {
    workerData: { options, shared } satisfies FuzzWorkerData,
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MIB },
  });
  const planText = (): string => Buffer.from(new Uint8Array(shared, 8, counter[1])).toString();
  let lastCount = 0;
  let lastCpuMs = cpuMs();
  return new Promise((resolve, reject) => {
    const timer = setInterval(() => {
      const count = Atomics.load(counter, 0);
      if (count !== lastCount) [lastCount, lastCpuMs] = [count, cpuMs()];
      if (cpuMs() - lastCpuMs < HANG_CPU_MS) return;
      end(() => reject(new Error(`hangs: ${planText()}`)));
    }, LOOK_MS);
    const end = (act: () => void): void => {
      clearInterval(timer);
      void worker.terminate();
      act();
    };
    worker.on('message', ({ report, progress }: { report?: FuzzReport; progress?: FuzzReport }) => {
      if (progress !== undefined) onProgress(progress);
      if (report !== undefined) end(() => resolve(report));
    });
    // Nothing keeps it alive and it has told nothing: something it waits for never comes.
    worker.on('exit', () => end(() => reject(new Error(`waits for ever: ${planText()}`))));
    worker.on('error', (cause) => {
      end(() => reject(new Error(`dies of ${String(cause)}: ${planText()}`, { cause })));
    });
  });
}

/** Of all threads of the process. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
