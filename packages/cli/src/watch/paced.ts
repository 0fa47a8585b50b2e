import { setTimeout as sleep } from 'node:timers/promises';

import { type Batch, SlotView } from '@sockflow/core';

import { sliceOf } from './event-slice.ts';
import type { WatchControl } from './watch-control.ts';

/** How often a wait looks whether it shall end. */
const LOOK_MS = 50;

/** A replay in the time that the events took. */
export interface Pace {
  /** Time of the first event, us since boot. */
  readonly firstUs: number;
  /** 2: twice as fast as they came. */
  readonly speed: number;
}

/**
 * Hands over a batch that outlives its `next`, each event when its time has come.
 *
 * @param startMs - when the first event of the recording was due
 * @returns events whose time had not come when the run was to end
 */
export async function paced(
  batch: Batch,
  { firstUs, speed }: Pace,
  startMs: number,
  control: WatchControl,
  take: (part: Batch) => void,
): Promise<number> {
  const { memory, words, size } = batch.raw;
  const view = new SlotView(memory.u32, memory.big, 0, batch.origin);
  const dueMs = (index: number): number => {
    view.w = words[index] ?? 0;
    return startMs + (view.tsUs - firstUs) / 1000 / speed;
  };
  if (size === 0) take(batch);
  for (let start = 0; start < size;) {
    if (control.isStopping) return size - start;
    const nowMs = performance.now();
    let end = start;
    while (end < size && dueMs(end) <= nowMs) end += 1;
    if (end > start) take(sliceOf(batch, start, end));
    start = end;
    if (start < size) await sleep(Math.min(LOOK_MS, Math.max(1, dueMs(start) - performance.now())));
  }
  return 0;
}
