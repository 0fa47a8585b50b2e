import type { MessagePort } from 'node:worker_threads';

import { Piscina } from 'piscina';

/** Limits of a lane's JavaScript heap, as `worker_threads` has them. */
export interface LaneResourceLimits {
  readonly maxOldGenerationSizeMb?: number;
  readonly maxYoungGenerationSizeMb?: number;
  readonly stackSizeMb?: number;
}

/**
 * One thread a lane, each with one task for the run's whole life. The one importer of piscina, which starts threads, notices their death and ends them;
 * scheduling, statistics and messages are not its business here.
 */
export class WorkerPool {
  readonly #piscina: Piscina;
  #isClosed: boolean;

  constructor(worker: URL, lanes: number, resourceLimits: LaneResourceLimits) {
    this.#piscina = new Piscina({
      filename: worker.href,
      minThreads: lanes,
      maxThreads: lanes,
      idleTimeout: Infinity,
      concurrentTasksPerWorker: 1,
      // A worker that waits for tasks by Atomics.wait would block its event loop.
      atomics: 'disabled',
      recordTiming: false,
      resourceLimits,
    });
    this.#isClosed = false;
    // A death is reported by the promise of the task; one between tasks concerns nobody.
    this.#piscina.on('error', ignore);
  }

  /** Runs the worker module's export `name` in a thread of its own; rejects when the thread dies. */
  async run<Result>(task: unknown, name: string, ports: readonly MessagePort[]): Promise<Result> {
    return (await this.#piscina.run(task, { name, transferList: [...ports] })) as Result;
  }

  /** Ends all threads, at once. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#piscina.destroy();
  }
}

function ignore(): void {}
