import type { MessagePort, Worker } from 'node:worker_threads';

import type { Piscina } from 'piscina';

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
  readonly #loading: Set<Worker>;
  #closed: Promise<void> | undefined;

  private constructor(piscina: Piscina) {
    this.#piscina = piscina;
    this.#loading = new Set(piscina.threads);
    this.#closed = undefined;
    for (const thread of this.#loading) {
      // The first message of piscina's is that the thread has loaded the worker module.
      for (const event of ['message', 'exit']) thread.once(event, () => this.#loaded(thread));
    }
  }

  /** Starts the threads: they load the worker module while the caller goes on. */
  static async start(
    worker: URL,
    lanes: number,
    resourceLimits: LaneResourceLimits,
  ): Promise<WorkerPool> {
    // Loaded here: whoever uses operators in-process, and each lane's thread, does without it (30 ms).
    const { Piscina } = await import('piscina');
    const piscina = new Piscina({
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
    // A thread that dies ends the run: one started in its place would have nothing to do.
    piscina.options.minThreads = 0;
    // A death is reported by the promise of the task; one between tasks concerns nobody.
    piscina.on('error', ignore);
    return new WorkerPool(piscina);
  }

  /** Runs the worker module's export `name` in a thread of its own; rejects when the thread dies. */
  async run<Result>(task: unknown, name: string, ports: readonly MessagePort[]): Promise<Result> {
    return (await this.#piscina.run(task, { name, transferList: [...ports] })) as Result;
  }

  /** Ends all threads: at once where they run a task, else as soon as they have loaded the worker module. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    // Node aborts the whole process where a thread is ended that is in the midst of requiring an ES module, as piscina's are while they load.
    const loading = [...this.#loading];
    await Promise.all(loading.map((thread) => untilLoaded(thread)));
    await this.#piscina.destroy();
  }

  #loaded(thread: Worker): void {
    this.#loading.delete(thread);
  }
}

function untilLoaded(thread: Worker): Promise<void> {
  // An idle thread does not keep the process alive by itself.
  thread.ref();
  return new Promise((resolve) => {
    for (const event of ['message', 'exit']) thread.once(event, () => resolve());
  });
}

function ignore(): void {}
