import type { Observable } from 'rxjs';

import type { Batch } from '../batch/batch.ts';
import type { EventObject, EventView } from '../schema/generated/view-types.ts';
import { perEvent } from './per-batch.ts';

/** Gives each selected event as a plain object of its own, which may be kept; one value per event. */
export function toObjects(): <E extends EventView>(
  source: Observable<Batch<E>>,
) => Observable<EventObject> {
  return (source) => perEvent(source, (event) => event.toObject());
}
