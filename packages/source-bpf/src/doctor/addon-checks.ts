import { getSystemErrorName } from 'node:util';

import { isAtLeast, type KernelVersion } from '../host/kernel-version.ts';
import type { NativeProbe } from '../native/binding-types.ts';
import type { AddonMissing, AddonState } from './addon-state.ts';
import { type Check, fault, ok } from './check.ts';

/** Something that a sock_ops program may use where the kernel lets it. */
interface Optional {
  /** What is missing without it. */
  readonly without: string;
  readonly since: KernelVersion;
  /** Probes that give the same where all of them work. */
  readonly instead?: readonly string[];
  readonly needsPerfmon?: true;
}

/* By the addon's name of the probe. What is not listed has to work, or nothing does. */
const OPTIONAL: Readonly<Record<string, Optional>> = {
  'helper-netns-cookie': { without: 'network namespaces are not told apart', since: [5, 15] },
  'helper-current-pid': {
    without: 'no pids of owners',
    instead: ['read-current-task'],
    since: [6, 10],
  },
  'helper-current-comm': {
    without: 'no commands of owners',
    instead: ['read-current-task'],
    since: [6, 16],
    needsPerfmon: true,
  },
  'read-current-task': {
    without: 'no commands of owners',
    instead: ['helper-current-pid', 'helper-current-comm'],
    since: [5, 5],
    needsPerfmon: true,
  },
  'read-socket': { without: 'no sk_err and cgroup id', since: [5, 9], needsPerfmon: true },
  'context-hwtstamp': { without: 'no hardware time stamps', since: [6, 2] },
  'read-kernel-context': { without: 'no tskey', since: [6, 2], needsPerfmon: true },
  'ops-tstamp': { without: 'no ops 16 to 20', since: [6, 15] },
  'iterator-tcp': {
    without: 'connections that are there already stay unseen',
    since: [6, 12],
    needsPerfmon: true,
  },
  'iterator-socket-storage': {
    without: 'RTT samples that sockets still hold at the end are not summarised',
    since: [5, 10],
    needsPerfmon: true,
  },
};
const UNKNOWN_REFUSAL = 'Look for what refuses bpf(): a seccomp filter, an LSM, lockdown';
/** kernel.btf tells it. */
const TOLD_ELSEWHERE = 'btf';

/** addon, and helper.* by real loads. */
export function addonChecks(
  addon: AddonState | AddonMissing,
  version: KernelVersion | undefined,
  hasCapabilities: boolean,
): Check[] {
  if ('missing' in addon) return [fault('addon', 'error', addon.missing, addon.remedy)];
  const { version: own, libbpfVersion, probes } = addon;
  const loaded = ok('addon', `${own}, with libbpf ${libbpfVersion}`);
  if ('failure' in probes) {
    return [
      loaded,
      fault('helper.probe', 'error', probes.failure, 'See the other errors; they come first'),
    ];
  }
  if (!hasCapabilities) {
    const found = 'not known: without those capabilities every load is refused';
    return [loaded, fault('helper.probe', 'note', found, 'Look again once they are granted')];
  }
  return [
    loaded,
    ...probes.probes
      .filter(({ id }) => id !== TOLD_ELSEWHERE)
      .map((probe) => probeCheck(probe, version, probes.probes)),
  ];
}

function probeCheck(
  { id, works, errno }: NativeProbe,
  version: KernelVersion | undefined,
  all: readonly NativeProbe[],
): Check {
  const name = `helper.${shortName(id)}`;
  if (works) return ok(name, 'works');
  const refused = `refused (${errnoName(errno)})`;
  const optional = OPTIONAL[id];
  if (optional === undefined) return fault(name, 'error', refused, UNKNOWN_REFUSAL);
  const { without, since, needsPerfmon, instead } = optional;
  const isReplaced = instead?.every((other) => all.some((one) => one.id === other && one.works));
  const isTooOld = version !== undefined && !isAtLeast(version, since);
  const kernel = `Linux ${since.join('.')} has it`;
  // With CAP_PERFMON read-current-task gives what newer helpers do, on every kernel that has rings.
  const needsGrant = needsPerfmon === true || isReplaced === false;
  const grant = needsGrant ? 'Grant CAP_PERFMON' : UNKNOWN_REFUSAL;
  return fault(
    name,
    'note',
    isReplaced === true
      ? `${refused}: ${instead?.map(shortName).join(' and ')} ${instead?.length === 1 ? 'serves' : 'serve'} instead`
      : `${refused}: ${without}`,
    isTooOld && isReplaced !== false ? kernel : grant,
  );
}

function shortName(id: string): string {
  return id.replace(/^helper-/, '');
}

function errnoName(errno: number): string {
  try {
    return getSystemErrorName(-errno);
  } catch {
    return `errno ${errno}`;
  }
}
