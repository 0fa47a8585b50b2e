import type { Origin } from '@sockflow/core';

import { Random } from './random.ts';
import { HZ } from './scripts/timeouts.ts';

/** Boot time at which a generated recording begins: half an hour after boot. */
export const START_NS = 1_800_000_000_000;
/** 2026-01-01T00:00:00Z: wall time is made up, and the same for every run. */
const BOOT_REALTIME_NS = 1_767_225_600_000_000_000n;
/** Hosts of one recording booted up to so long before: 40 days. */
const LONGEST_UPTIME_MS = 40 * 86_400_000;
const NS_PER_MS = 1_000_000;

/** One host of a generated recording. */
export interface GeneratedHost {
  /** What its connections are made from. */
  readonly seed: string;
  /** Its number among those of the recording; -1 where it is the only one. */
  readonly number: number;
  /** Boot time at which the recording begins there, ns: the same moment on all hosts. */
  readonly startNs: number;
  readonly origin: Origin;
}

/** The made-up host of a generated recording; its id and name say that it is one, and from which seed. */
export function generatedOrigin(seed: string): Origin {
  return originOf(seed, 'generated', START_NS);
}

/** The hosts of a recording: one, or several that booted at different times. */
export function generatedHosts(seed: string, count: number): GeneratedHost[] {
  if (count === 1) {
    return [{ seed, number: -1, startNs: START_NS, origin: generatedOrigin(seed) }];
  }
  return Array.from({ length: count }, (_, number) => {
    const hostSeed = `${seed}/${number}`;
    const uptimeMs = new Random(`boot:${hostSeed}`).below(LONGEST_UPTIME_MS);
    const startNs = START_NS + uptimeMs * NS_PER_MS;
    return {
      seed: hostSeed,
      number,
      startNs,
      origin: originOf(hostSeed, `generated-${number}`, startNs),
    };
  });
}

function originOf(seed: string, hostName: string, startNs: number): Origin {
  return {
    id: `generated:${seed}`,
    hostName,
    kernelRelease: '6.18.44-generated',
    hz: HZ,
    clock: { bootNs: BigInt(startNs), realtimeNs: BOOT_REALTIME_NS + BigInt(START_NS) },
  };
}
