/* Runs the loop in a worker, and tells the plan under way in shared memory: where the worker hangs or dies, its watcher knows what of. */
import { parentPort, workerData } from 'node:worker_threads';

import { fuzz, type FuzzOptions } from './fuzz.test.support.ts';

/** What the worker is given. */
export interface FuzzWorkerData {
  readonly options: Omit<FuzzOptions, 'onPlan' | 'onProgress'>;
  /** A counter of inputs, the length of the plan's text, and the text. */
  readonly shared: SharedArrayBuffer;
}

const { options, shared } = workerData as FuzzWorkerData;
const counter = new Int32Array(shared, 0, 2);
const text = new Uint8Array(shared, 8);

const report = await fuzz({
  ...options,
  onPlan: (plan) => {
    const bytes = Buffer.from(JSON.stringify(plan)).subarray(0, text.length);
    text.set(bytes);
    Atomics.store(counter, 1, bytes.length);
    Atomics.add(counter, 0, 1);
  },
  onProgress: (progress) => parentPort?.postMessage({ progress }),
});
parentPort?.postMessage({ report });
