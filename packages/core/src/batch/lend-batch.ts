import type { Origin } from '../schema/origin.ts';
import type { Batch, RawSelection } from './batch.ts';
import { Selection } from './selection.ts';
import { SlotBatch } from './slot-batch.ts';
import { defaultViewMode } from './view-mode.ts';

/** A batch, and its end. */
export interface LentBatch {
  readonly batch: Batch;
  /** From now on the batch and its views throw ERR_SOCKFLOW_STALE_VIEW. */
  release(): void;
}

/**
 * A batch of slots that lie in memory of one's own: for a sink that hands on to another one what it has put together, and for tests of sinks.
 *
 * OWNERSHIP: the memory and the word indices, both ascending, stay as they are until `release`, which is called after the `write` that the batch was given to.
 */
export function lendBatch(selection: RawSelection, origin: Origin, endTimeUs: number): LentBatch {
  const own = new Selection(selection.memory);
  own.words = selection.words;
  own.size = selection.size;
  own.markerWords = selection.markerWords;
  own.markerCount = selection.markerCount;
  const batch = new SlotBatch(own, defaultViewMode());
  batch.open(origin, endTimeUs);
  return { batch, release: () => batch.release() };
}
