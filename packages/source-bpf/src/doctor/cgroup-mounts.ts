import { parseMountInfo } from '../host/mount-info.ts';

/** How a machine mounts its cgroups. */
export interface CgroupMounts {
  /** Where cgroup2 is mounted, in the order of the mounts. */
  readonly cgroup2: readonly string[];
  /** Controllers that are mounted as v1. */
  readonly v1Controllers: readonly string[];
}

const V1_OPTIONS: ReadonlySet<string> = new Set([
  'rw',
  'ro',
  'xattr',
  'noprefix',
  'clone_children',
]);

/** From the text of /proc/self/mountinfo. */
export function parseCgroupMounts(mountInfo: string): CgroupMounts {
  const mounts = parseMountInfo(mountInfo);
  return {
    cgroup2: mounts.filter(({ type }) => type === 'cgroup2').map(({ path }) => path),
    v1Controllers: mounts
      .filter(({ type }) => type === 'cgroup')
      .flatMap(({ options }) => options)
      .filter((option) => !V1_OPTIONS.has(option) && !option.includes('=')),
  };
}
