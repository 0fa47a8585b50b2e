/** What a loss marker says. Counts are events. */
export interface LossMarkerValues {
  /** End of the gap, ns since boot. */
  readonly tsNs: bigint;
  /** Start of the gap, ns since boot. */
  readonly gapStartNs: bigint;
  readonly lostRingFull: number;
  readonly lostShedFirst: number;
  readonly lostShedLast: number;
  readonly lostDamaged: number;
  readonly lane: number;
}

/** What a clock anchor says: the clocks of the origin at `tsNs`, ns. */
export interface ClockAnchorValues {
  /** Boot time, ns. */
  readonly tsNs: bigint;
  /** Wall clock, ns since 1970 UTC. */
  readonly realtimeNs: bigint;
  readonly monotonicNs: bigint;
  /** How far apart the readings may be, ns. */
  readonly uncertaintyNs: bigint;
}
