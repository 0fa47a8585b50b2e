import type { CaseResult } from './case-result.ts';

/** The format's name; a change that breaks readers gets a new number. */
export const BENCH_SCHEMA = 'sockflow-bench/1';

/** What a run leaves behind: machine, load, rows, plots, and what could not run. JSON with `null` for `undefined`. */
export interface BenchDocument {
  readonly schema: typeof BENCH_SCHEMA;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly tookS: number;
  /** Of sockflow. */
  readonly version: string;
  readonly machine: Machine;
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  readonly load: Load;
  readonly results: readonly CaseResult[];
  readonly plots: readonly Plot[];
  readonly leftOut: readonly LeftOut[];
  /** A signal ended the run: what it had found until then. */
  readonly isInterrupted?: boolean | undefined;
}

/** What it was measured on. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  /** As the kernel tells them: `L1d 32 KiB`. */
  readonly caches: readonly string[];
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly node: string;
  readonly isVirtual: boolean | undefined;
  /** Of the first CPU's frequency: `performance`, `schedutil`; `undefined` where the system does not tell, as most virtual machines. */
  readonly governor?: string | undefined;
  /** Whether CPUs may run faster than their base frequency. */
  readonly isBoosted?: boolean | undefined;
  /** CPUs' worth of time that the cgroups of the process leave it; `undefined`: all, or it cannot be told. */
  readonly quotaCores?: number | undefined;
  /** Versions of the peers' compilers and runtimes, by name; of those that were asked for. */
  readonly toolchains: Readonly<Record<string, string>>;
}

/** Whether others used the machine meanwhile. A run that is not valid is no run to quote. Ratios are `undefined` where they cannot be told. */
export interface Load {
  /** `undefined` where it cannot be told; the reason says why. */
  readonly isValid: boolean | undefined;
  /** CPU time of processes that are none of the benchmark's, of all cores' time: the whole run's, and the most of any stretch of two seconds or more. */
  readonly othersRatio: number | undefined;
  readonly mostOthersRatio: number | undefined;
  /** CPU time that the hypervisor gave to others, of all cores' time. */
  readonly stolenRatio: number | undefined;
  /** What made it invalid, for people: the case, the share. */
  readonly reasons: readonly string[];
  /** In the order in which they ran. */
  readonly cases: readonly CaseLoad[];
}

/** The load while one case ran. Of a case shorter than two seconds the ratio is only roughly right. */
export interface CaseLoad {
  /** Of the case: `suite/case`. */
  readonly id: string;
  readonly tookS: number;
  readonly othersRatio: number | undefined;
  readonly stolenRatio: number | undefined;
}

/** A question answered by a curve. */
export interface Plot {
  readonly id: string;
  /** The question: `Throughput against selectivity`. */
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
}

export interface Axis {
  readonly label: string;
  readonly scale: 'linear' | 'log' | 'category';
}

export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
}

/** `x` is a name where the axis has categories. `low` and `high`: smallest and largest of the rounds. */
export interface Point {
  readonly x: number | string;
  readonly y: number;
  readonly low: number;
  readonly high: number;
}

/** A case or a peer that could not run here. Never dropped silently. */
export interface LeftOut {
  /** Id of the case, or of the row, that is missing. */
  readonly id: string;
  readonly reason: string;
}
