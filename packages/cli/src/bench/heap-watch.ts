import { GCProfiler, getHeapStatistics } from 'node:v8';

/** What this thread's heap went through. */
export interface HeapUse {
  readonly allocatedBytes: number;
  readonly collectedUs: number;
}

/** Watches the heap of this thread: what was there at the end and not before, and what each collection took away, was allocated in between. */
export class HeapWatch {
  readonly #profiler: GCProfiler;
  readonly #startBytes: number;

  constructor() {
    this.#profiler = new GCProfiler();
    this.#profiler.start();
    this.#startBytes = getHeapStatistics().used_heap_size;
  }

  /** Ends it; called once. */
  stop(): HeapUse {
    const grownBytes = getHeapStatistics().used_heap_size - this.#startBytes;
    const { statistics } = this.#profiler.stop();
    let freedBytes = 0;
    let collectedUs = 0;
    for (const { beforeGC, afterGC, cost } of statistics) {
      freedBytes += beforeGC.heapStatistics.usedHeapSize - afterGC.heapStatistics.usedHeapSize;
      collectedUs += cost;
    }
    return { allocatedBytes: Math.max(0, grownBytes + freedBytes), collectedUs };
  }
}
