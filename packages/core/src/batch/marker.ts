import { CLOCK_ANCHOR_FIELDS, LOSS_MARKER_FIELDS } from '../schema/kind-fields.ts';
import { Kind } from '../schema/kind.ts';
import type { ClockAnchorValues, LossMarkerValues } from '../slot/marker-values.ts';
import type { SlotMemory } from '../slot/slot-memory.ts';

/** A loss marker or clock anchor, copied out of its slot. `beforeIndex`: how many selected events of the batch come before it. */
export type Marker = LossMarker | ClockAnchor;

/** Events were lost here. Counts are events. */
export interface LossMarker extends LossMarkerValues {
  readonly kind: 'LOSS_MARKER';
  readonly beforeIndex: number;
}

/** The clocks of the origin at `tsNs`. */
export interface ClockAnchor extends ClockAnchorValues {
  readonly kind: 'CLOCK_ANCHOR';
  readonly beforeIndex: number;
}

const OFFSETS = new Map(
  [...LOSS_MARKER_FIELDS, ...CLOCK_ANCHOR_FIELDS].map((field) => [field.name, field.offset]),
);
const TS_BIG = 2;

/** Where a field of a marker lies, in 64-bit words from the slot's start. */
function bigIndex(name: string): number {
  const offset = OFFSETS.get(name);
  if (offset === undefined) throw new Error(`no field ${name}`);
  return offset / 8;
}

const LOSS = {
  gapStart: bigIndex('gap_start_ns'),
  ringFull: bigIndex('lost_ring_full'),
  shedFirst: bigIndex('lost_shed_first'),
  shedLast: bigIndex('lost_shed_last'),
  damaged: bigIndex('lost_damaged'),
  lane: bigIndex('lost_lane'),
} as const;
const CLOCK = {
  realtime: bigIndex('realtime_ns'),
  monotonic: bigIndex('monotonic_ns'),
  uncertainty: bigIndex('uncertainty_ns'),
} as const;

/** The marker in the slot at word index `word`, which must be of a marker's kind; allocates. */
export function readMarker(memory: SlotMemory, word: number, beforeIndex: number): Marker {
  const { big } = memory;
  const at = word >>> 1;
  const tsNs = big[at + TS_BIG]!;
  if ((memory.u32[word + 2]! & 0xff) === Kind.CLOCK_ANCHOR) {
    return {
      kind: 'CLOCK_ANCHOR',
      beforeIndex,
      tsNs,
      realtimeNs: big[at + CLOCK.realtime]!,
      monotonicNs: big[at + CLOCK.monotonic]!,
      uncertaintyNs: big[at + CLOCK.uncertainty]!,
    };
  }
  return {
    kind: 'LOSS_MARKER',
    beforeIndex,
    tsNs,
    gapStartNs: big[at + LOSS.gapStart]!,
    lostRingFull: Number(big[at + LOSS.ringFull]!),
    lostShedFirst: Number(big[at + LOSS.shedFirst]!),
    lostShedLast: Number(big[at + LOSS.shedLast]!),
    lostDamaged: Number(big[at + LOSS.damaged]!),
    lane: memory.u32[word + LOSS.lane * 2]!,
  };
}
