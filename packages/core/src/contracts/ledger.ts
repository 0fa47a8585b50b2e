/**
 * What a lane counts, in events unless said otherwise. The identities between the counters are in runtime/ledger (L1 ...).
 *
 *   read          events walked that are this lane's
 *   skipped       events in blocks that the source skipped by their statistics; counted in one lane only
 *   bad           events in damaged blocks or after a damaged slot; counted in one lane only
 *   recorded      events the source says it holds, counted in one lane only: recorded = read + skipped + bad over all lanes
 *   otherLanes    events walked that are another lane's (in no identity: it tells how much is read in vain)
 *   markers       loss markers and clock anchors walked
 *   bytesRead     bytes taken from the source
 */
export const LANE_COUNTERS = [
  'recorded',
  'read',
  'skipped',
  'bad',
  'otherLanes',
  'markers',
  'bytesRead',
] as const;
/** A counter of a lane, by its name. */
export type LaneCounter = (typeof LANE_COUNTERS)[number];

/**
 * What is counted for each output of a pipeline.
 *
 *   due           events read by the lane while a subscription of the output was there, once for each of them
 *   in, out       events before and after the output's plans: in = due, out = in - filtered
 *   filtered      events that the plans dropped
 */
export const OUTPUT_COUNTERS = ['due', 'in', 'filtered', 'out'] as const;
/** A counter of an output, by its name. */
export type OutputCounter = (typeof OUTPUT_COUNTERS)[number];

/**
 * What is counted for each sink, in events (batches) or values.
 *
 *   given         handed over by the lane
 *   acknowledged  durably accepted, as the sink says
 *   failed        refused or lost, as the sink says: given = acknowledged + failed once it is closed
 *   spooled       went the way over a spool on disk, as the sink says (in no identity)
 */
export const SINK_COUNTERS = ['given', 'acknowledged', 'failed', 'spooled'] as const;
/** A counter of a sink, by its name. */
export type SinkCounter = (typeof SINK_COUNTERS)[number];

/** Where a lane's source adds to its counters. */
export interface LaneCounters {
  add(counter: LaneCounter, amount: number): void;
}

/**
 * What a live source counts before its lanes, in events and per class: classes are shed in their order when a ring fills.
 *
 *   seen          events that happened
 *   made          slots of the framework's own: summaries, snapshots, markers
 *   submitted     handed to a lane
 *   notAskedFor   of an op that the source's settings do not ask for
 *   filtered      dropped by filters that were pushed down
 *   folded        samples folded into summaries
 *   shed          left out, whole connections at a time, since a ring was filling
 *   lost          refused by a full ring
 */
export const SOURCE_COUNTERS = [
  'seen',
  'made',
  'submitted',
  'notAskedFor',
  'filtered',
  'folded',
  'shed',
  'lost',
] as const;
/** A counter of a live source, by its name. */
export type SourceCounter = (typeof SOURCE_COUNTERS)[number];

/** What a source counted for one lane and class. */
export interface SourceCounts extends Readonly<Record<SourceCounter, number>> {
  readonly lane: number;
  /** The source's name of the class, those shed first before the others. */
  readonly class: string;
}

/** A live source's part of the ledger at one moment. */
export interface SourceLedger {
  readonly counts: readonly SourceCounts[];
  /** Of `made`, by kind's name. */
  readonly madeByKind: Readonly<Record<string, number>>;
  /** What else is worth telling, in no identity: `flagsClobbered`. */
  readonly notes: Readonly<Record<string, number>>;
  /** Whether nothing is counted any more: K1 and K2 hold from then on. */
  readonly isSettled: boolean;
}
