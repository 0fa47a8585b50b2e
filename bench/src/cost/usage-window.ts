import { GCProfiler } from 'node:v8';

import type { Usage } from './usage-work.ts';

/** What the process had used at a moment. */
interface Reading {
  readonly seen: number;
  readonly cpu: NodeJS.CpuUsage;
  readonly heapBytes: number;
  readonly switches: number;
}

function reading(seen: number): Reading {
  const { voluntaryContextSwitches, involuntaryContextSwitches } = process.resourceUsage();
  return {
    seen,
    switches: voluntaryContextSwitches + involuntaryContextSwitches,
    heapBytes: process.memoryUsage().heapUsed,
    cpu: process.cpuUsage(),
  };
}

/**
 * The part of a pass that is measured: what opening and closing take is left out. What was allocated is what the heap has more at its end, and what collections in between took away.
 */
export class UsageWindow {
  readonly #from: number;
  readonly #to: number;
  readonly #collections: GCProfiler;
  #start: Reading | undefined;
  #end: Reading | undefined;
  #collectedBytes = 0;
  #seen = 0;

  /** Both in events. */
  constructor(from: number, to: number) {
    this.#from = from;
    this.#to = to;
    this.#collections = new GCProfiler();
  }

  get seen(): number {
    return this.#seen;
  }

  /** So many more events have come. */
  passed(events: number): void {
    if (this.#start === undefined && this.#seen >= this.#from) {
      this.#collections.start();
      this.#start = reading(this.#seen);
    }
    if (this.#start !== undefined && this.#end === undefined && this.#seen >= this.#to)
      this.#stop();
    this.#seen += events;
  }

  /** @throws Error where fewer events came */
  usage(): Usage {
    const [start, end] = [this.#start, this.#end];
    if (start === undefined || end === undefined)
      throw new Error('the recording is too small to measure');
    const events = end.seen - start.seen;
    return {
      events,
      userNs: ((end.cpu.user - start.cpu.user) * 1000) / events,
      systemNs: ((end.cpu.system - start.cpu.system) * 1000) / events,
      heapBytes: (end.heapBytes - start.heapBytes + this.#collectedBytes) / events,
      switches: ((end.switches - start.switches) / events) * 1e6,
    };
  }

  #stop(): void {
    this.#end = reading(this.#seen);
    for (const { beforeGC, afterGC } of this.#collections.stop().statistics) {
      this.#collectedBytes +=
        beforeGC.heapStatistics.usedHeapSize - afterGC.heapStatistics.usedHeapSize;
    }
  }
}
