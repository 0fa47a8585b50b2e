import type { Pass } from '@sockflow/benchmark';
import { run, type RunHandle, type RunSummary } from '@sockflow/core';

import { BENCH_PIPELINE, type BenchParams } from './bench-params.ts';
import { makeLaneMarks, type PassUsage, usageOf } from './lane-marks.ts';

/** A pass in lanes: what it took and what it delivered. */
export interface LanePass extends Pass, PassUsage {
  /** Events or values given to sinks, and values emitted. */
  readonly delivered: number;
}

/** How a pass is run. */
export interface LanePassOptions extends Omit<BenchParams, 'marks'> {
  readonly lanes: number;
  /** Called with what can end it. */
  readonly onStart: (handle: RunHandle) => void;
}

/**
 * One pass of the recording through `run`, which checks its ledger. Its answer is how many events of the recording it went through, whether it read them or knew by their blocks' statistics that
 * it need not.
 *
 * @throws what ends the run
 */
export async function lanePass({ lanes, onStart, ...own }: LanePassOptions): Promise<LanePass> {
  const marks = makeLaneMarks(lanes);
  const handle = run(BENCH_PIPELINE, {
    lanes,
    views: 'reused',
    params: { ...own, marks } satisfies BenchParams,
    onWarning: () => {},
  });
  onStart(handle);
  const summary = await handle.done;
  const { read, skipped } = summary.ledger.total;
  return { ...usageOf(marks), answer: `${read + skipped} events`, delivered: deliveredOf(summary) };
}

function deliveredOf({ sinks, emitted }: RunSummary): number {
  return sinks.reduce((sum, { given }) => sum + given, emitted);
}
