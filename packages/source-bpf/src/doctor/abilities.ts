import { isAtLeast, type KernelVersion } from '../host/kernel-version.ts';
import type { AddonMissing, AddonState } from './addon-state.ts';

/** Something that Sockflow does where it is allowed to. */
export interface Ability {
  readonly id: string;
  /** In words. */
  readonly says: string;
  readonly works: boolean;
  /** What it needs, where it does not work. */
  readonly needs?: string;
}

/* SOCKFLOW_CAN_* of bpf/sockflow_source.h. */
const CAN_NETNS_COOKIE = 1 << 0;
const CAN_CURRENT_PID = 1 << 1;
const CAN_CURRENT_COMM = 1 << 2;
const CAN_TASK_READ = 1 << 3;
const CAN_SOCK_READ = 1 << 4;
const CAN_HWTSTAMP = 1 << 5;
const CAN_TSTAMP = 1 << 6;
const CAN_TAKE_IN = 1 << 8;

interface Wanted {
  readonly id: string;
  readonly says: string;
  /** It works with any of these features. */
  readonly features: number;
  readonly since: KernelVersion;
  readonly capability?: string;
}

const WANTED: readonly Wanted[] = [
  {
    id: 'netns-cookies',
    says: 'network namespaces told apart',
    features: CAN_NETNS_COOKIE,
    since: [5, 15],
  },
  {
    id: 'owners',
    says: 'owner of a connection: its pid',
    features: CAN_CURRENT_PID | CAN_TASK_READ,
    since: [5, 10],
    capability: 'CAP_PERFMON',
  },
  {
    id: 'owner-commands',
    says: 'owner of a connection: its command',
    features: CAN_CURRENT_COMM | CAN_TASK_READ,
    since: [5, 10],
    capability: 'CAP_PERFMON',
  },
  {
    id: 'socket-errors',
    says: 'sk_err and cgroup id of the socket',
    features: CAN_SOCK_READ,
    since: [5, 9],
    capability: 'CAP_PERFMON',
  },
  {
    id: 'hardware-timestamps',
    says: 'hardware time stamps of received segments',
    features: CAN_HWTSTAMP,
    since: [6, 2],
  },
  {
    id: 'existing-connections',
    says: 'connections that are there already',
    features: CAN_TAKE_IN,
    since: [6, 12],
    capability: 'CAP_PERFMON',
  },
  {
    id: 'send-timestamps',
    says: 'time stamps of sends: ops 16 to 20',
    features: CAN_TSTAMP,
    since: [6, 15],
  },
];

/** What works here: by the features that were found where the kernel could be asked, by its version otherwise. */
export function abilitiesOf(
  canCapture: boolean,
  addon: AddonState | AddonMissing,
  version: KernelVersion | undefined,
): Ability[] {
  const features = 'probes' in addon && 'features' in addon.probes ? addon.probes.features : 0;
  const capture: Ability = canCapture
    ? { id: 'capture', says: 'live capture: record, watch, run', works: true }
    : {
        id: 'capture',
        says: 'live capture: record, watch, run',
        works: false,
        needs: 'what the errors say',
      };
  return [
    { id: 'recordings', says: 'recordings: replay, inspect, convert, gen', works: true },
    capture,
    ...WANTED.map((wanted) => abilityOf(wanted, canCapture, features, version)),
  ];
}

function abilityOf(
  { id, says, features: any, since, capability }: Wanted,
  canCapture: boolean,
  features: number,
  version: KernelVersion | undefined,
): Ability {
  if (canCapture && (features & any) !== 0) return { id, says, works: true };
  const isTooOld = version === undefined || !isAtLeast(version, since);
  return {
    id,
    says,
    works: false,
    needs: isTooOld ? `Linux ${since.join('.')}` : needed(canCapture, capability),
  };
}

function needed(canCapture: boolean, capability: string | undefined): string {
  if (!canCapture) return 'live capture';
  return capability ?? 'what helper.* says';
}
