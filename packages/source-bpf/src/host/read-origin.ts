import { readFileSync } from 'node:fs';
import { hostname, release } from 'node:os';

import type { Origin } from '@sockflow/core';

import type { NativeClocks } from '../native/binding-types.ts';

const BOOT_ID_PATH = '/proc/sys/kernel/random/boot_id';
const NS_PER_S = 1e9;

/**
 * The origin of live events: this host since its boot.
 *
 * HZ comes from the length of a tick, which the coarse clocks' resolution is (posix_get_coarse_res of kernel/time/posix-timers.c): the kernel's configuration is not everywhere to be read,
 * and `getconf CLK_TCK` is USER_HZ.
 */
export function readOrigin(clocks: NativeClocks, captured: bigint): Origin {
  const bootId = readBootId();
  const hostName = hostname();
  const hz = Math.round(NS_PER_S / clocks.tickNs);
  return {
    // Without /proc the boot's wall time tells boots of a host apart as well.
    id: bootId ?? `${hostName}-${(clocks.realtimeNs - clocks.bootNs) / BigInt(NS_PER_S)}`,
    hostName,
    kernelRelease: release(),
    clock: { bootNs: clocks.bootNs, realtimeNs: clocks.realtimeNs },
    captured,
    ...(bootId === undefined ? {} : { bootId }),
    ...(Number.isInteger(hz) && hz > 0 ? { hz } : {}),
  };
}

function readBootId(): string | undefined {
  try {
    const text = readFileSync(BOOT_ID_PATH, 'utf8').trim();
    return text === '' ? undefined : text;
  } catch {
    return undefined;
  }
}
