import { join, resolve } from 'node:path';

import { isAtLeast, type KernelVersion } from '../host/kernel-version.ts';
import { type CgroupMounts, parseCgroupMounts } from './cgroup-mounts.ts';
import { type Check, fault, ok } from './check.ts';
import type { Machine } from './machine.ts';

/** Inode of the first cgroup namespace: PROC_CGROUP_INIT_INO of linux/proc_ns.h. */
const FIRST_CGROUP_NAMESPACE = 'cgroup:[4026531835]';
/** From here on sockets keep their cgroup2 beside net_cls and net_prio. */
const HYBRID_SAFE_SINCE: KernelVersion = [5, 15];

/** The cgroup that is to be observed, and the file system that it lies in. */
export interface ObservedCgroup {
  readonly path: string;
  readonly mounts: CgroupMounts;
}

/** @returns `undefined` where no cgroup2 is mounted. */
export function observedCgroup(machine: Machine, wanted: string): ObservedCgroup | undefined {
  const mounts = mountsOf(machine);
  const [first] = mounts.cgroup2;
  if (first === undefined) return undefined;
  return { path: wanted === 'auto' ? first : pathOf(machine, wanted, first), mounts };
}

/** As it is or below the mount, and without links: what findCgroup of host/ makes of it when the source is opened. */
function pathOf(machine: Machine, wanted: string, mount: string): string {
  const given = resolve(wanted);
  const below = join(mount, wanted);
  const isThere = (path: string): boolean => machine.refusal(path, 'read') !== 'ENOENT';
  return machine.realPath(!isThere(given) && isThere(below) ? below : given);
}

function mountsOf(machine: Machine): CgroupMounts {
  return parseCgroupMounts(machine.read('/proc/self/mountinfo')?.toString('utf8') ?? '');
}

/** kernel.cgroup2, cgroup.path and cgroup.namespace. */
export function cgroupChecks(
  machine: Machine,
  version: KernelVersion | undefined,
  observed: ObservedCgroup | undefined,
): Check[] {
  if (observed === undefined) return [noCgroup2(mountsOf(machine).v1Controllers)];
  const { path, mounts } = observed;
  return [
    mountCheck(mounts.cgroup2[0] ?? path, mounts.v1Controllers, version),
    pathCheck(machine, path, mounts.cgroup2),
    ...namespaceCheck(machine),
  ];
}

function noCgroup2(v1Controllers: readonly string[]): Check {
  return fault(
    'kernel.cgroup2',
    'error',
    v1Controllers.length > 0 ? 'only cgroup v1 is mounted' : 'no cgroup file system is mounted',
    'Mount it beside: mkdir /run/cgroup2 && mount -t cgroup2 none /run/cgroup2',
  );
}

function mountCheck(
  path: string,
  v1Controllers: readonly string[],
  version: KernelVersion | undefined,
): Check {
  const id = 'kernel.cgroup2';
  if (v1Controllers.length === 0) return ok(id, path);
  const isHybrid = `${path}, beside cgroup v1`;
  const netControllers = v1Controllers.filter((name) => /^net_(cls|prio)$/.test(name));
  if (netControllers.length === 0 || version === undefined || isAtLeast(version, HYBRID_SAFE_SINCE))
    return ok(id, isHybrid);
  return fault(
    id,
    'warning',
    `${isHybrid} with ${netControllers.join(', ')}: once used, sockets leave their cgroup2`,
    'Take a kernel from 5.15 on, or use no net_cls and net_prio',
  );
}

function pathCheck(machine: Machine, path: string, mounts: readonly string[]): Check {
  const id = 'cgroup.path';
  const isInside = mounts.some((mount) => path === mount || path.startsWith(`${mount}/`));
  const refusal = machine.refusal(path, 'read');
  if (refusal !== undefined) {
    return fault(
      id,
      'error',
      `${path}: ${refusal === 'ENOENT' ? 'there is no such cgroup' : refusal}`,
      refusal === 'ENOENT'
        ? `Give a folder below ${mounts[0]}: systemd-cgls or find ${mounts[0]} -type d lists them`
        : 'Make it readable for this user: attaching needs to open it',
    );
  }
  if (isInside && machine.refusal(`${path}/cgroup.procs`, 'read') !== 'ENOENT') return ok(id, path);
  return fault(
    id,
    'error',
    `${path} is no cgroup of version 2`,
    `Give a folder below ${mounts[0]}`,
  );
}

function namespaceCheck(machine: Machine): Check[] {
  const namespace = machine.link('/proc/self/ns/cgroup');
  if (namespace === undefined) return [];
  const id = 'cgroup.namespace';
  if (namespace === FIRST_CGROUP_NAMESPACE) return [ok(id, "the host's")];
  return [
    fault(
      id,
      'note',
      `${namespace}, not the host's: auto may mean the cgroups of this container only`,
      "Mount the host's cgroup2 into the container, and give its path",
    ),
  ];
}
