import type { Origin } from '../schema/origin.ts';
import type { SlotMemory } from './slot-memory.ts';

/**
 * A run of whole slots in memory, of one origin, that a source hands to its lane.
 *
 * VALID UNTIL the lane asks the source for the next one.
 */
export interface SlotSpan {
  readonly memory: SlotMemory;
  /** Word index of the first slot. */
  readonly startWord: number;
  /** Word index, end exclusive. */
  readonly endWord: number;
  readonly origin: Origin;
  /** Whether slots may still be BUSY (kernel ring): the scan then reads length words with Atomics and stops there. */
  readonly mayBeBusy: boolean;
  /**
   * Whether the span may hold slots of other lanes: the scan then keeps only this lane's, events and loss markers by their lane key, clock anchors always.
   */
  readonly mayHoldOtherLanes: boolean;
  /** Whether markers (loss, clock) may be in it: where false, the scan need not look. */
  readonly mayHoldMarkers: boolean;
  /** Event time of the source at the end of the span, us since boot. */
  readonly endTimeUs: number;
}
