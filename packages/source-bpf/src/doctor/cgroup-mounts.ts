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

/** Reads /proc/self/mountinfo: id, parent, device, root, mount point, options, optional fields, `-`, type, source, super options. */
export function parseCgroupMounts(mountInfo: string): CgroupMounts {
  const cgroup2: string[] = [];
  const v1Controllers: string[] = [];
  for (const line of mountInfo.split('\n')) {
    const [own = '', file = ''] = line.split(' - ');
    const [type, , superOptions = ''] = file.split(' ');
    const mountPoint = unescaped(own.split(' ')[4] ?? '');
    if (type === 'cgroup2') cgroup2.push(mountPoint);
    if (type !== 'cgroup') continue;
    v1Controllers.push(
      ...superOptions
        .split(',')
        .filter((option) => !V1_OPTIONS.has(option) && !option.includes('=')),
    );
  }
  return { cgroup2, v1Controllers };
}

/** Blanks and backslashes of a path are octal in mountinfo. */
function unescaped(path: string): string {
  return path.replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}
