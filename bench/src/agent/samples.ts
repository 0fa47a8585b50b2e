import type { Status } from './agent-process.ts';
import type { ProcessUsage } from './process-usage.ts';

/** How the agent stood at one moment. Shares of CPU are of one core, since the sample before. */
export interface Sample {
  readonly atS: number;
  readonly residentMib: number;
  readonly anonymousMib: number;
  readonly cpuPercent: number;
  /** Of its busiest threads, the busiest over all the time first. */
  readonly threadPercent: readonly number[];
  readonly events: number;
  readonly eventsPerSec: number;
  readonly lost: number;
  readonly shed: number;
  readonly given: number;
  readonly acknowledged: number;
  readonly failed: number;
  readonly pending: number;
}

const MIB = 2 ** 20;
const THREADS_SHOWN = 2;

interface Raw {
  readonly atS: number;
  readonly status: Status;
  readonly usage: ProcessUsage;
}

/** Samples in their order, as they come. */
export class Samples {
  readonly #raw: Raw[] = [];

  add(atS: number, status: Status, usage: ProcessUsage): void {
    this.#raw.push({ atS, status, usage });
  }

  get count(): number {
    return this.#raw.length;
  }

  list(): Sample[] {
    const last = this.#raw.at(-1);
    if (last === undefined) return [];
    const busiest = Object.entries(last.usage.threadCpuS)
      .toSorted(([, a], [, b]) => b - a)
      .slice(0, THREADS_SHOWN)
      .map(([id]) => id);
    return this.#raw.slice(1).map((raw, index) => sampleOf(raw, this.#raw[index]!, busiest));
  }
}

function sampleOf(raw: Raw, before: Raw, threads: readonly string[]): Sample {
  const spanS = raw.atS - before.atS;
  const count = (key: string): number => raw.status[key] ?? 0;
  const percent = (cpuS: number): number => round((100 * cpuS) / spanS, 2);
  return {
    atS: round(raw.atS, 1),
    residentMib: round(raw.usage.residentBytes / MIB, 2),
    anonymousMib: round(raw.usage.anonymousBytes / MIB, 2),
    cpuPercent: percent(raw.usage.cpuS - before.usage.cpuS),
    threadPercent: threads.map((id) =>
      percent((raw.usage.threadCpuS[id] ?? 0) - (before.usage.threadCpuS[id] ?? 0)),
    ),
    events: count('events'),
    eventsPerSec: round((count('events') - (before.status['events'] ?? 0)) / spanS, 0),
    lost: count('lost'),
    shed: count('shed'),
    given: count('given'),
    acknowledged: count('acknowledged'),
    failed: count('failed'),
    pending: count('pending'),
  };
}

function round(value: number, digits: number): number {
  const scale = 10 ** digits;
  return Math.round(value * scale) / scale;
}
