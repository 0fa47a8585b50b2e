/** What a process has used so far, all its threads, in ticks. */
export interface ProcessTimes {
  readonly pid: number;
  readonly parentPid: number;
  /** User and system. */
  readonly ownTicks: number;
  /** Of its children that have ended and that it waited for, with all theirs. */
  readonly endedTicks: number;
  /** Whether it is a thread of the kernel's. */
  readonly isKernel: boolean;
}

/* Of the words after the name, which ends at the last bracket: proc_pid_stat(5), where the state is the third. */
const PARENT_WORD = 1;
const FLAGS_WORD = 6;
const USER_WORD = 11;
const SYSTEM_WORD = 12;
const ENDED_USER_WORD = 13;
const ENDED_SYSTEM_WORD = 14;
/* PF_KTHREAD of include/linux/sched.h. */
const KERNEL_THREAD = 0x0020_0000;

/** @param text of `/proc/PID/stat` */
export function processTimes(text: string): ProcessTimes {
  // A name may hold blanks and brackets.
  const words = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const at = (index: number): number => Number(words[index]);
  return {
    pid: Number.parseInt(text, 10),
    parentPid: at(PARENT_WORD),
    ownTicks: at(USER_WORD) + at(SYSTEM_WORD),
    endedTicks: at(ENDED_USER_WORD) + at(ENDED_SYSTEM_WORD),
    isKernel: (at(FLAGS_WORD) & KERNEL_THREAD) !== 0,
  };
}

/** Ticks of a process and of all its descendants. One that ended lives on in what its parent says of ended children. */
export function ownTicks(processes: readonly ProcessTimes[], pid: number): number {
  const childrenOf = new Map<number, ProcessTimes[]>();
  for (const one of processes) {
    const siblings = childrenOf.get(one.parentPid);
    if (siblings === undefined) childrenOf.set(one.parentPid, [one]);
    else siblings.push(one);
  }
  const waiting = processes.filter((one) => one.pid === pid);
  let ticks = 0;
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
    ticks += one.ownTicks + one.endedTicks;
    waiting.push(...(childrenOf.get(one.pid) ?? []));
  }
  return ticks;
}

/** Ticks of the kernel's own threads, as far as they are to be seen: from a container they are not. */
export function kernelTicks(processes: readonly ProcessTimes[]): number {
  return processes.reduce((sum, one) => sum + (one.isKernel ? one.ownTicks : 0), 0);
}
