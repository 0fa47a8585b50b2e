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
  /**
   * Event time of the origin at the end of the span, us since boot: no event of that origin which comes later in this lane is older. Before SOURCE_END the
   * source gives each origin's end time, the same in every lane whatever it left out: in a span that may be empty.
   */
  readonly endTimeUs: number;
}
