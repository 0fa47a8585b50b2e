import type { EventObject, EventView } from '../schema/generated/view-types.ts';
import type { Origin } from '../schema/origin.ts';
import type { SlotMemory } from '../slot/slot-memory.ts';
import type { Marker } from './marker.ts';

/**
 * Up to a few thousand slots of one origin, with a selection: the events still of interest.
 *
 * VALID UNTIL the synchronous `next` that delivered it returns. `retain()` and `toObjects()` outlive it; anything else read later throws
 * ERR_SOCKFLOW_STALE_VIEW.
 */
export interface Batch<E extends EventView = EventView> extends Iterable<E> {
  /** Events selected. */
  readonly size: number;
  readonly origin: Origin;
  /** Event time of the lane at the end of this batch, us since boot. */
  readonly endTimeUs: number;
  /** Loss markers and clock anchors in their places; they are never selected or filtered. */
  readonly markers: readonly Marker[];
  /** Calls `step` with a view of each selected event, in order. In production it is one cursor, moved. */
  forEach(step: (event: E, index: number) => void): void;
  /** A view of the selected event at `index`; moves the cursor in production. */
  at(index: number): E;
  /** Copies the selected slots and the markers: a batch that outlives this one. */
  retain(): Batch<E>;
  toObjects(): EventObject[];
  /** As `toObjects()`: a batch inside a value is written and emitted as its events. `JSON.stringify` needs a replacer for their bigints. */
  toJSON(): EventObject[];
  /** The memory and the word indices of the selected slots, for encoders: read only, VALID UNTIL as the batch. */
  readonly raw: RawSelection;
}

/** The selected slots as they lie in memory. */
export interface RawSelection {
  readonly memory: SlotMemory;
  /** Word index of each selected slot, ascending; entries from `size` on are rubbish. */
  readonly words: Uint32Array;
  readonly size: number;
  /** Word index of each marker's slot, ascending; entries from `markerCount` on are rubbish. */
  readonly markerWords: Uint32Array;
  readonly markerCount: number;
}
