import { isAtLeast, type KernelVersion } from './kernel-version.ts';

/** The oldest kernel that loads the program without CAP_PERFMON: docs/old-kernels.md has what was tried. */
const LOADS_WITHOUT_SINCE: KernelVersion = [6, 18];

/** Why older kernels do not. */
export const PERFMON_REASON =
  'before Linux 6.18 the verifier also follows branches that are never taken, unless the process has CAP_PERFMON';

/** Whether a kernel of this version refuses the program to a process without CAP_PERFMON, as it was released: backports may differ. */
export function needsPerfmonToLoad(version: KernelVersion | undefined): boolean {
  return version !== undefined && !isAtLeast(version, LOADS_WITHOUT_SINCE);
}
