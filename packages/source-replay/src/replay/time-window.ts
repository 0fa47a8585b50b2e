import type { Plan } from '@sockflow/core';

/**
 * The time outside of which no plan wants anything, ns since boot, in halves as block headers have it: a bigint for each of 20,000 blocks takes longer than reading their headers.
 */
export interface TimeWindow {
  readonly startHigh: number;
  readonly startLow: number;
  /** End exclusive; Infinity where there is none. */
  readonly endHigh: number;
  readonly endLow: number;
}

const END_OF_TIME_NS = 1n << 64n;

/** What all plans leave out by time; `undefined` where that is nothing. */
export function timeWindow(plans: readonly Plan[]): TimeWindow | undefined {
  let startNs = END_OF_TIME_NS - 1n;
  let endNs = 0n;
  for (const plan of plans) {
    let planStartNs = 0n;
    let planEndNs = END_OF_TIME_NS;
    for (const filter of plan) {
      if (filter.type !== 'time') continue;
      if (filter.startNs !== undefined && filter.startNs > planStartNs)
        planStartNs = filter.startNs;
      if (filter.endNs !== undefined && filter.endNs < planEndNs) planEndNs = filter.endNs;
    }
    if (planStartNs < startNs) startNs = planStartNs;
    if (planEndNs > endNs) endNs = planEndNs;
  }
  const hasEnd = endNs < END_OF_TIME_NS;
  if (plans.length === 0 || (startNs === 0n && !hasEnd)) return undefined;
  return {
    startHigh: Number(startNs >> 32n),
    startLow: Number(startNs & 0xffffffffn),
    endHigh: hasEnd ? Number(endNs >> 32n) : Infinity,
    endLow: hasEnd ? Number(endNs & 0xffffffffn) : 0,
  };
}
