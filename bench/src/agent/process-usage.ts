import { readdirSync, readFileSync } from 'node:fs';

/** USER_HZ: what /proc counts CPU time in, the same on every Linux that Node runs on. */
const TICKS_PER_S = 100;
const UTIME_INDEX = 11;
const STIME_INDEX = 12;

/** What a process has and took so far. */
export interface ProcessUsage {
  readonly residentBytes: number;
  /** Of it, what is no file's: heaps, stacks, buffers. */
  readonly anonymousBytes: number;
  readonly cpuS: number;
  /** By thread id, those that ended not among them. */
  readonly threadCpuS: Readonly<Record<string, number>>;
}

/** Reads /proc of a process that runs. */
export function usageOf(pid: number): ProcessUsage {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const threads = readdirSync(`/proc/${pid}/task`).map((id) => [
    id,
    cpuS(`/proc/${pid}/task/${id}/stat`),
  ]);
  return {
    residentBytes: kibOf(status, 'VmRSS'),
    anonymousBytes: kibOf(status, 'RssAnon'),
    cpuS: cpuS(`/proc/${pid}/stat`),
    threadCpuS: Object.fromEntries(threads),
  };
}

function kibOf(status: string, key: string): number {
  return Number(new RegExp(`^${key}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) * 1024;
}

/** User and kernel mode. A thread may end while it is looked at. */
function cpuS(path: string): number {
  try {
    // The second field is the name, in brackets, and may hold blanks.
    const fields = readFileSync(path, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return (Number(fields[UTIME_INDEX]) + Number(fields[STIME_INDEX])) / TICKS_PER_S;
  } catch {
    return 0;
  }
}
