import { isAtLeast, type KernelVersion } from '../host/kernel-version.ts';

/** What a kernel of some age offers; each tier has what those before it have. */
export interface Tier {
  readonly id: 'T0' | 'T1' | 'T2' | 'T3' | 'T4' | 'T5';
  /** The oldest kernel of it; `undefined`: any system. */
  readonly since: KernelVersion | undefined;
  /** What it adds, in words. */
  readonly adds: string;
}

const REPLAY_ONLY: Tier = {
  id: 'T0',
  since: undefined,
  adds: 'recordings: replay, inspect, convert, generate',
};

/** Every tier, lowest first. */
export const TIERS: readonly Tier[] = [
  REPLAY_ONLY,
  { id: 'T1', since: [5, 10], adds: 'live capture: ops 1 to 15, RTT folded, TCP headers' },
  {
    id: 'T2',
    since: [5, 15],
    adds: 'network namespace cookies; cgroup2 beside net_cls and net_prio',
  },
  { id: 'T3', since: [6, 10], adds: "the sample inside RTT_CB; owner's pid without CAP_PERFMON" },
  { id: 'T4', since: [6, 12], adds: 'connections that are there already' },
  { id: 'T5', since: [6, 15], adds: 'time stamps of sends: ops 16 to 20' },
];

/** The highest tier that a kernel of this version reaches. */
export function tierOf(version: KernelVersion | undefined): Tier {
  if (version === undefined) return REPLAY_ONLY;
  return (
    TIERS.findLast(({ since }) => since === undefined || isAtLeast(version, since)) ?? REPLAY_ONLY
  );
}
