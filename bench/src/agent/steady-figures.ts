import type { Sample } from './samples.ts';
import type { SteadyAgentResult } from './steady-agent.ts';

/** Until then threads start, code is compiled, and heaps find their size. */
const WARM_UP_S = 120;

/** What is told of a run. */
export interface SteadyFigures {
  readonly minutes: number;
  readonly eventsPerSec: number;
  readonly cpuPercent: number;
  /** Memory of the first and the last tenth after the warm-up, and the most at any time. */
  readonly residentMib: { readonly first: number; readonly last: number; readonly peak: number };
  readonly anonymousMib: { readonly first: number; readonly last: number; readonly peak: number };
  /** The slope of a straight line through resident memory after the warm-up. */
  readonly growthMibPerHour: number;
  readonly lost: number;
  readonly shed: number;
  readonly read: number;
  readonly acknowledged: number;
  /** Records of the topic besides those of acknowledged events: markers. */
  readonly otherRecords: number;
  readonly drainMs: number;
}

export function steadyFigures(result: SteadyAgentResult): SteadyFigures {
  const { samples } = result;
  const lastS = samples.at(-1)?.atS ?? 0;
  const warm = samples.filter(({ atS }) => atS > Math.min(WARM_UP_S, lastS / 4));
  const tenth = Math.max(1, Math.floor(warm.length / 10));
  const memory = (of: (sample: Sample) => number) => ({
    first: round(mean(warm.slice(0, tenth).map(of))),
    last: round(mean(warm.slice(-tenth).map(of))),
    peak: round(Math.max(...samples.map(of))),
  });
  return {
    minutes: round(lastS / 60),
    eventsPerSec: Math.round(mean(warm.map((sample) => sample.eventsPerSec))),
    cpuPercent: round(mean(warm.map((sample) => sample.cpuPercent))),
    residentMib: memory((sample) => sample.residentMib),
    anonymousMib: memory((sample) => sample.anonymousMib),
    growthMibPerHour: round(slope(warm) * 3600),
    lost: samples.at(-1)?.lost ?? 0,
    shed: samples.at(-1)?.shed ?? 0,
    read: result.read,
    acknowledged: result.acknowledged,
    otherRecords: result.topicRecords - result.acknowledged,
    drainMs: result.drainMs,
  };
}

/** MiB a second, by least squares. */
function slope(samples: readonly Sample[]): number {
  const atS = mean(samples.map((sample) => sample.atS));
  const mib = mean(samples.map((sample) => sample.residentMib));
  let both = 0;
  let square = 0;
  for (const sample of samples) {
    both += (sample.atS - atS) * (sample.residentMib - mib);
    square += (sample.atS - atS) ** 2;
  }
  return square === 0 ? 0 : both / square;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
