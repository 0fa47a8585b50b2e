import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { kernelTicks, ownTicks, type ProcessTimes, processTimes } from './process-times.ts';

/**
 * CPU time until now, in ticks of all cores together. Time in interrupts and in the kernel's threads, such as those that write files back, is no process's: that of others cannot be told from what our own
 * packets and files took, so it is in the total alone.
 */
export interface LoadSample {
  readonly atMs: number;
  readonly totalTicks: number;
  /** User and system time of processes, whoever's. */
  readonly busyTicks: number;
  /** What the hypervisor gave to others. */
  readonly stolenTicks: number;
  /** Of the benchmark's process and all its descendants, ended ones included. */
  readonly ownTicks: number;
}

/** The order of the figures of a `cpu` line: Documentation/filesystems/proc.rst, 1.7. `guest` is within `user`. */
const FIGURES = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal'] as const;

/** Reads `/proc`. @throws Error where it is not there, or is not Linux's */
export function readLoadSample(pid: number = process.pid, proc = '/proc'): LoadSample {
  // The processes first: what those of ours do meanwhile then counts as a stranger's. The list is no snapshot, though: one that ends
  // while it is read may count twice (itself, and in its parent) or, for the time being, not at all.
  const processes = readProcesses(proc);
  const { totalTicks, busyTicks, stolenTicks } = cpuTimes(readFileSync(join(proc, 'stat'), 'utf8'));
  return {
    atMs: performance.now(),
    totalTicks,
    busyTicks: busyTicks - kernelTicks(processes),
    stolenTicks,
    ownTicks: ownTicks(processes, pid),
  };
}

/** @param text of `/proc/stat` */
export function cpuTimes(
  text: string,
): Pick<LoadSample, 'totalTicks' | 'busyTicks' | 'stolenTicks'> {
  const words = /^cpu +(.*)$/m.exec(text)?.[1]?.split(' ').map(Number) ?? [];
  const of = (name: (typeof FIGURES)[number]): number => words[FIGURES.indexOf(name)] ?? NaN;
  const totalTicks = FIGURES.reduce((sum, name) => sum + of(name), 0);
  if (!(totalTicks >= 0)) throw new Error('/proc/stat has no line of all CPUs');
  return {
    totalTicks,
    busyTicks: of('user') + of('nice') + of('system'),
    stolenTicks: of('steal'),
  };
}

function readProcesses(proc: string): ProcessTimes[] {
  const processes: ProcessTimes[] = [];
  for (const name of readdirSync(proc)) {
    if (!/^\d+$/.test(name)) continue;
    try {
      processes.push(processTimes(readFileSync(join(proc, name, 'stat'), 'utf8')));
    } catch {
      // It has ended since the folder was listed.
    }
  }
  return processes;
}
