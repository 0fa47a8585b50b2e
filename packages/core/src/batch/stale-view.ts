import { PipelineError } from '../errors.ts';
import type { SlotView } from '../schema/generated/slot-view.ts';
import type { Origin } from '../schema/origin.ts';

/** The error of whoever reads a view or a batch after its end. */
export function staleError(what: 'view' | 'batch'): PipelineError {
  const message =
    what === 'view'
      ? 'the event view was read after its step or its batch was over'
      : 'the batch was used after the next() that delivered it returned';
  return new PipelineError('ERR_SOCKFLOW_STALE_VIEW', message, {
    details: { what },
    remedy:
      'Put retain() or toObjects() before the operator that holds it, or call batch.retain() or view.toObject() while it lives',
  });
}

/** Throws on every read, so that a dead view needs no check while it lives: `u32` and `big` of a live view are plain arrays. */
const DEAD: object = new Proxy(Object.freeze({}), {
  get(): never {
    throw staleError('view');
  },
});

/** Ends the life of a view: from now on every accessor throws. */
export function poisonView(view: SlotView): void {
  view.u32 = DEAD as Uint32Array;
  view.big = DEAD as BigUint64Array;
  view.origin = DEAD as Origin;
}

/** A view that was never alive: what a cursor is before its first batch. */
export const DEAD_U32: Uint32Array = DEAD as Uint32Array;
/** As {@link DEAD_U32}, for the 64-bit words. */
export const DEAD_BIG: BigUint64Array = DEAD as BigUint64Array;
/** As {@link DEAD_U32}, for the origin. */
export const DEAD_ORIGIN: Origin = DEAD as Origin;
