import { Observable } from 'rxjs';

import type { Batch } from '../batch/batch.ts';
import type { EventObject, EventView } from '../schema/generated/view-types.ts';

/** Gives each selected event as a plain object of its own, which may be kept; one value per event. */
export function toObjects(): <E extends EventView>(
  source: Observable<Batch<E>>,
) => Observable<EventObject> {
  return <E extends EventView>(source: Observable<Batch<E>>) =>
    new Observable<EventObject>((subscriber) =>
      source.subscribe({
        next: (batch) =>
          batch.forEach((event) => {
            if (!subscriber.closed) subscriber.next(event.toObject());
          }),
        error: (error: unknown) => subscriber.error(error),
        complete: () => subscriber.complete(),
      }),
    );
}
