import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

import { type RingMemory, ringSource, type Source } from '@sockflow/core';

import type { LatencyJob } from './latency-job.ts';

/** What the producing thread is given. */
export interface ScheduleJob {
  readonly ring: RingMemory;
  readonly job: LatencyJob;
}

/** A ring of ours of 4 MiB, filled by a thread that keeps to a schedule once the lane reads. */
export function scheduledRing(job: LatencyJob): Source {
  return ringSource({
    name: 'schedule',
    start: ([ring]) => {
      const workerData: ScheduleJob = { ring: ring as RingMemory, job };
      const worker = new Worker(new URL('./schedule-worker.js', import.meta.url), { workerData });
      return {
        origin: { id: 'schedule' },
        done: once(worker, 'exit'),
        // Of a run that failed: else the thread would wait for room for ever.
        stop: () => void worker.terminate(),
      };
    },
  });
}
