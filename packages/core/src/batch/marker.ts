/** A loss marker or clock anchor, copied out of its slot. `beforeIndex`: how many selected events of the batch come before it. */
export type Marker = LossMarker | ClockAnchor;

/** Events were lost here. Counts are events. */
export interface LossMarker {
  readonly kind: 'LOSS_MARKER';
  readonly beforeIndex: number;
  readonly tsNs: bigint;
  readonly gapStartNs: bigint;
  readonly lostRingFull: number;
  readonly lostShedFirst: number;
  readonly lostShedLast: number;
  readonly lostDamaged: number;
  readonly lane: number;
}

/** The clocks of the origin at `tsNs`. */
export interface ClockAnchor {
  readonly kind: 'CLOCK_ANCHOR';
  readonly beforeIndex: number;
  readonly tsNs: bigint;
  readonly realtimeNs: bigint;
  readonly monotonicNs: bigint;
  readonly uncertaintyNs: bigint;
}
