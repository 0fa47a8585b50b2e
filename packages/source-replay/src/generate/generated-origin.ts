import type { Origin } from '@sockflow/core';

import { HZ } from './scripts/timeouts.ts';

/** Boot time at which a generated recording begins: half an hour after boot. */
export const START_NS = 1_800_000_000_000;
/** 2026-01-01T00:00:00Z: wall time is made up, and the same for every run. */
const BOOT_REALTIME_NS = 1_767_225_600_000_000_000n;

/** The made-up host of a generated recording; its id and name say that it is one, and from which seed. */
export function generatedOrigin(seed: string): Origin {
  return {
    id: `generated:${seed}`,
    hostName: 'generated',
    kernelRelease: '6.18.44-generated',
    hz: HZ,
    clock: { bootNs: BigInt(START_NS), realtimeNs: BOOT_REALTIME_NS + BigInt(START_NS) },
  };
}
