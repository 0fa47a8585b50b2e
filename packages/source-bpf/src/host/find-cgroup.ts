import { readFileSync, realpathSync, statfsSync, statSync } from 'node:fs';
import { join, normalize, resolve } from 'node:path';

import { KernelError } from '../errors.ts';
import { type Mount, parseMountInfo } from './mount-info.ts';

/** What is asked of the machine; tests give their own. */
export interface CgroupFiles {
  /** The text of /proc/self/mountinfo. */
  mountInfo(): string;
  /** `f_type` of the file system that a path lies in; throws as fs does. */
  fileSystemType(path: string): number;
  isDirectory(path: string): boolean;
  /** Without symbolic links; throws as fs does. */
  realPath(path: string): string;
}

/** A cgroup2 directory. */
export interface Cgroup {
  readonly path: string;
  /** The same below its mount: `/` is all of it. */
  readonly below: string;
}

/** The real ones. */
export const MACHINE_CGROUPS: CgroupFiles = {
  mountInfo: () => readFileSync('/proc/self/mountinfo', 'utf8'),
  fileSystemType: (path) => statfsSync(path).type,
  isDirectory: (path) => statSync(path).isDirectory(),
  realPath: (path) => realpathSync(path),
};

/* Mirrors CGROUP2_SUPER_MAGIC and CGROUP_SUPER_MAGIC of include/uapi/linux/magic.h. */
const CGROUP2_MAGIC = 0x63677270;
const CGROUP1_MAGIC = 0x27e0eb;

const MOUNT_REMEDY =
  'Mount it: mkdir -p /sys/fs/cgroup/unified && mount -t cgroup2 none /sys/fs/cgroup/unified';

/**
 * The cgroup2 directory whose sockets are observed.
 *
 * `auto` is where cgroup2 is mounted, beside v1 controllers too (hybrid). A path is taken as it is, or, where that is none, as one below the mount: as /proc/PID/cgroup and
 * `systemctl show -p ControlGroup` print them. A link to one is followed: which cgroups lie above and below is told by the true path.
 *
 * @throws ERR_SOCKFLOW_KERNEL_CGROUP
 */
export function findCgroup(cgroup: string, files: CgroupFiles = MACHINE_CGROUPS): Cgroup {
  if (cgroup === 'auto') return { path: findMount(files), below: '/' };
  const all = mounts(files);
  const given = resolve(cgroup);
  const first = look(given, files);
  if (first === 'cgroup2') return truePlace(files.realPath(given), all, files);
  const mount = all.find(isWholeCgroup2) ?? all.find(isCgroup2);
  if (mount !== undefined) {
    const below = normalize(`/${cgroup}`).replace(/(.)\/$/, '$1');
    const path = join(mount.path, below);
    if (look(path, files) === 'cgroup2') return { path, below };
  }
  throw notACgroup(cgroup, given, first, mount);
}

/** Below the mount that contains it, the innermost. What lies in a bind mount of a part is found in the mount of the whole, where there is one: with the cgroups above it. */
function truePlace(path: string, all: readonly Mount[], files: CgroupFiles): Cgroup {
  const [mount] = all
    .filter((one) => isCgroup2(one) && (path === one.path || path.startsWith(`${one.path}/`)))
    .toSorted((a, b) => b.path.length - a.path.length);
  const below = path.slice(mount?.path.length ?? 0) || '/';
  const whole = all.find(isWholeCgroup2);
  // A root that lies outside of this process's cgroup namespace begins with `/..`.
  if (mount === undefined || whole === undefined || mount.root === '/') return { path, below };
  if (mount.root.startsWith('/..')) return { path, below };
  const belowWhole = below === '/' ? mount.root : `${mount.root}${below}`;
  const inWhole = join(whole.path, belowWhole);
  return look(inWhole, files) === 'cgroup2'
    ? { path: inWhole, below: belowWhole }
    : { path, below };
}

function findMount(files: CgroupFiles): string {
  const all = mounts(files);
  const mount = all.find(isWholeCgroup2) ?? all.find(isCgroup2);
  if (mount !== undefined) return mount.path;
  const isVersion1 = all.some(({ type }) => type === 'cgroup');
  throw new KernelError(
    'ERR_SOCKFLOW_KERNEL_CGROUP',
    isVersion1
      ? 'expected a mounted cgroup2, found cgroup v1 alone: sock_ops programs attach to cgroup2 only'
      : 'expected a mounted cgroup2, found no cgroup mounted at all',
    { details: { cgroup: 'auto', path: '/proc/self/mountinfo' }, remedy: MOUNT_REMEDY },
  );
}

function mounts(files: CgroupFiles): readonly Mount[] {
  try {
    return parseMountInfo(files.mountInfo());
  } catch (cause) {
    throw new KernelError(
      'ERR_SOCKFLOW_KERNEL_CGROUP',
      'expected to find the cgroup2 mount in /proc/self/mountinfo, which cannot be read',
      { cause, details: { path: '/proc/self/mountinfo' }, remedy: 'Mount proc at /proc' },
    );
  }
}

function isCgroup2({ type }: Mount): boolean {
  return type === 'cgroup2';
}

/** Not a bind mount of one cgroup. */
function isWholeCgroup2(mount: Mount): boolean {
  return isCgroup2(mount) && mount.root === '/';
}

type Look = 'cgroup2' | 'cgroup1' | 'other' | 'file' | 'missing' | 'refused';

function look(path: string, files: CgroupFiles): Look {
  try {
    const type = files.fileSystemType(path);
    if (type === CGROUP1_MAGIC) return 'cgroup1';
    if (type !== CGROUP2_MAGIC) return 'other';
    return files.isDirectory(path) ? 'cgroup2' : 'file';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR' ? 'missing' : 'refused';
  }
}

const FOUND: Readonly<Record<Exclude<Look, 'cgroup2'>, string>> = {
  cgroup1: 'a cgroup v1 directory: sock_ops programs attach to cgroup2 only',
  other: 'a path of another file system',
  file: 'a file of a cgroup',
  missing: 'no such directory',
  refused: 'a path that this process may not look at',
};

function notACgroup(
  cgroup: string,
  path: string,
  found: Exclude<Look, 'cgroup2'>,
  mount: Mount | undefined,
): KernelError {
  const remedy =
    mount === undefined
      ? MOUNT_REMEDY
      : `Name a directory below ${mount.path}, as cat /proc/PID/cgroup prints it behind 0::, or leave cgroup out for all of it`;
  return new KernelError(
    'ERR_SOCKFLOW_KERNEL_CGROUP',
    `expected '${cgroup}' to be a cgroup2 directory, found ${FOUND[found]}`,
    { details: { cgroup, path, mount: mount?.path }, remedy },
  );
}
