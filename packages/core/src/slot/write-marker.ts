import type { ClockAnchorValues, LossMarkerValues } from './marker-values.ts';
import type { SlotMemory } from './slot-memory.ts';
import { writeContextEvent } from './write-context-event.ts';

/** Writes a loss marker as a slot at word index `word`; its bytes, or NO_ROOM. */
export function writeLossMarker(
  memory: SlotMemory,
  word: number,
  values: LossMarkerValues,
): number {
  return writeContextEvent(memory, word, {
    kind: 'LOSS_MARKER',
    ts_boot_ns: values.tsNs,
    gap_start_ns: values.gapStartNs,
    lost_ring_full: values.lostRingFull,
    lost_shed_first: values.lostShedFirst,
    lost_shed_last: values.lostShedLast,
    lost_damaged: values.lostDamaged,
    lost_lane: values.lane,
  });
}

/** Writes a clock anchor as a slot at word index `word`; its bytes, or NO_ROOM. */
export function writeClockAnchor(
  memory: SlotMemory,
  word: number,
  values: ClockAnchorValues,
): number {
  return writeContextEvent(memory, word, {
    kind: 'CLOCK_ANCHOR',
    ts_boot_ns: values.tsNs,
    realtime_ns: values.realtimeNs,
    monotonic_ns: values.monotonicNs,
    uncertainty_ns: values.uncertaintyNs,
  });
}
