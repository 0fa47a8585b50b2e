import { LANE_COUNTERS, OUTPUT_COUNTERS, SINK_COUNTERS } from '../contracts/ledger.ts';
import type { LaneCounter, OutputCounter, SinkCounter, SourceLedger } from '../contracts/ledger.ts';
import type { LedgerLayout } from './layout.ts';

/** What was counted for one sink. */
export interface SinkCounts extends Readonly<Record<SinkCounter, number>> {
  readonly sink: string;
}

/** What was counted for one output, with its sinks in the order the pipeline names them. */
export interface OutputCounts extends Readonly<Record<OutputCounter, number>> {
  readonly output: string;
  readonly sinks: readonly SinkCounts[];
}

/** What was counted in one lane, or over all of them. */
export interface LaneCounts extends Readonly<Record<LaneCounter, number>> {
  readonly outputs: readonly OutputCounts[];
}

/** The ledger at one moment: each lane's counters are one consistent set, the lanes are not of the same instant. */
export interface LedgerSnapshot {
  readonly total: LaneCounts;
  readonly lanes: readonly LaneCounts[];
  /** A live source's own part, taken after the lanes' counters; `undefined` for a source without one. */
  readonly source: SourceLedger | undefined;
}

/** Names the counters of each lane, and sums them up. */
export function toLedgerSnapshot(
  layout: LedgerLayout,
  lanes: readonly Float64Array[],
  source?: SourceLedger,
): LedgerSnapshot {
  const total = new Float64Array(layout.counterCount);
  for (const counts of lanes) {
    for (const [index, count] of counts.entries()) total[index] = (total[index] ?? 0) + count;
  }
  return {
    total: toLaneCounts(layout, total),
    lanes: lanes.map((counts) => toLaneCounts(layout, counts)),
    source,
  };
}

function toLaneCounts(layout: LedgerLayout, counts: Float64Array): LaneCounts {
  const outputs = layout.shape.outputs.map(({ name, sinks }, output) => ({
    output: name,
    ...named(OUTPUT_COUNTERS, counts, (counter) => layout.outputIndex(output, counter)),
    sinks: sinks.map((sinkName, sink) => ({
      sink: sinkName,
      ...named(SINK_COUNTERS, counts, (counter) => layout.sinkIndex(output, sink, counter)),
    })),
  }));
  return { ...named(LANE_COUNTERS, counts, (counter) => layout.laneIndex(counter)), outputs };
}

function named<Counter extends string>(
  counters: readonly Counter[],
  counts: Float64Array,
  indexOf: (counter: Counter) => number,
): Record<Counter, number> {
  const entries = counters.map((counter) => [counter, counts[indexOf(counter)] ?? 0]);
  return Object.fromEntries(entries) as Record<Counter, number>;
}
