import { rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';

import { CACHE_DIR } from '../harness/paths.ts';
import type { SuiteOptions } from '../harness/suite.ts';
import { delay, type HeldSlots, timesIn, writeSlots } from './held-slots.ts';

/** A recording of any size: the held slots again and again, each time later. */
export interface LargeRecording {
  readonly path: string;
  readonly bytes: number;
  readonly passes: number;
  /** By how much the slots of a pass are later than those of the one before, ns. */
  readonly periodNs: number;
}

const GAP_NS = 1e6;
/* What else is on the disk needs room, too. */
const SPARE_BYTES = 4 * 2 ** 30;

/** Calls `use` with a recording of `sizeBytes` on the disk, and removes it; `undefined` where there is no room. */
export async function withLargeRecording<T>(
  held: HeldSlots,
  sizeBytes: number,
  options: SuiteOptions,
  use: (large: LargeRecording) => Promise<T>,
): Promise<T | undefined> {
  const { bavail, bsize } = statfsSync(CACHE_DIR);
  const mib = Math.round(sizeBytes / 2 ** 20);
  if (bavail * bsize < sizeBytes + SPARE_BYTES) {
    options.note(`no room for a recording of ${mib} MiB in .cache/bench: its cases are left out`);
    return undefined;
  }
  const path = join(CACHE_DIR, `large-${mib}MiB-${process.pid}.sfrec`);
  const { firstNs, lastNs } = timesIn(held);
  const periodNs = lastNs - firstNs + GAP_NS;
  const passes = Math.max(1, Math.round(sizeBytes / held.bytes));
  options.note(`writing ${mib} MiB to .cache/bench`);
  try {
    writeSlots(held, path, passes, {}, () => delay(held, periodNs));
    // As they were, for who uses them next.
    delay(held, -periodNs * passes);
    return await use({ path, bytes: passes * held.bytes, passes, periodNs });
  } finally {
    rmSync(path, { force: true });
  }
}
