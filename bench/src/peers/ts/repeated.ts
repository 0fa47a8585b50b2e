import type { Pass } from '@sockflow/benchmark';

import type { Found } from './peer.ts';

/**
 * Runs a task until `leastMs` have passed, at least once: the mean time of one. A pass over a part of the input would be too short for some to be timed alone.
 *
 * @throws Error where it finds something else the next time
 */
export async function repeated(
  leastMs: number,
  task: () => Found | Promise<Found>,
): Promise<Pass & { readonly found: Found }> {
  const startNs = process.hrtime.bigint();
  let times = 0;
  let first: Found | undefined;
  let tookNs = 0;
  do {
    const found = await task();
    tookNs = Number(process.hrtime.bigint() - startNs);
    times++;
    first ??= found;
    if (answerOf(found) !== answerOf(first))
      throw new Error(`found ${answerOf(found)} after ${answerOf(first)}`);
  } while (tookNs < leastMs * 1e6);
  return { ns: tookNs / times, answer: answerOf(first), found: first };
}

/** A task's answer for a comparison. */
export function answerOf({ count, checksum }: Found): string {
  return `${count} ${checksum}`;
}
