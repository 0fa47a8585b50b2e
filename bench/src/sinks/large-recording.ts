import { rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';

import type { BenchRun } from '../harness/bench-case.ts';
import { CACHE_DIR } from '../harness/paths.ts';
import { shared } from '../harness/shared.ts';
import { delay, heldSlots, type HeldSlots, timesIn, writeSlots } from './held-slots.ts';

/** A recording of any size: the held slots again and again, each time later. */
export interface LargeRecording {
  readonly path: string;
  readonly bytes: number;
  readonly passes: number;
  /** By how much the slots of a pass are later than those of the one before, ns. */
  readonly periodNs: number;
}

const GAP_NS = 1e6;
const LARGE_TIMES = 4;
/* What else is on the disk needs room, too. */
const SPARE_BYTES = 4 * 2 ** 30;

/** Calls `use` with the held slots and the large recording, or says that a row is left out where there is no room for it. */
export async function withLargeRecording(
  bench: BenchRun,
  row: string,
  use: (held: HeldSlots, large: LargeRecording) => Promise<void>,
): Promise<void> {
  const held = await heldSlots(bench);
  const large = await largeRecording(held, bench);
  if (typeof large === 'string') bench.leftOut(row, large);
  else await use(held, large);
}

/** A recording on the disk four times the size asked for, for all cases of a suite, removed after them; or why there is none. */
function largeRecording(
  held: HeldSlots,
  bench: Pick<BenchRun, 'inputBytes' | 'note'>,
): Promise<LargeRecording | string> {
  const sizeBytes = bench.inputBytes * LARGE_TIMES;
  return shared<LargeRecording | string>(`large recording of ${sizeBytes}`, () => {
    const { bavail, bsize } = statfsSync(CACHE_DIR);
    const mib = Math.round(sizeBytes / 2 ** 20);
    if (bavail * bsize < sizeBytes + SPARE_BYTES)
      return Promise.resolve({ value: `needs room for a recording of ${mib} MiB in .cache/bench` });
    const path = join(CACHE_DIR, `large-${mib}MiB-${process.pid}.sfrec`);
    const remove = (): void => rmSync(path, { force: true });
    process.once('exit', remove);
    bench.note(`writing ${mib} MiB to .cache/bench`);
    return Promise.resolve({ value: writeLarge(held, path, sizeBytes), end: remove });
  });
}

function writeLarge(held: HeldSlots, path: string, sizeBytes: number): LargeRecording {
  const { firstNs, lastNs } = timesIn(held);
  const periodNs = lastNs - firstNs + GAP_NS;
  const passes = Math.max(1, Math.round(sizeBytes / held.bytes));
  writeSlots(held, path, passes, {}, () => delay(held, periodNs));
  // As they were, for who uses them next.
  delay(held, -periodNs * passes);
  return { path, bytes: passes * held.bytes, passes, periodNs };
}
