import { Observable, type Subscriber } from 'rxjs';

import type { Batch } from '../batch/batch.ts';
import type { EventView } from '../schema/generated/view-types.ts';

/** What an operator makes of each batch, and at the end. */
export interface BatchSteps<E extends EventView> {
  next(batch: Batch<E>): void;
  /** Before the completion; not after an error. */
  end?(): void;
}

/**
 * An observable that makes values out of batches. What a step throws goes to the subscriber: RxJS would report it as unhandled, since a step is a subscriber's `next`.
 */
export function perBatch<E extends EventView, R>(
  source: Observable<Batch<E>>,
  start: (subscriber: Subscriber<R>) => BatchSteps<E>,
): Observable<R> {
  return new Observable<R>((subscriber) => {
    const steps = start(subscriber);
    return source.subscribe({
      next: (batch) => {
        try {
          steps.next(batch);
        } catch (error) {
          subscriber.error(error);
        }
      },
      error: (error: unknown) => subscriber.error(error),
      complete: () => {
        try {
          steps.end?.();
        } catch (error) {
          subscriber.error(error);
        }
        subscriber.complete();
      },
    });
  });
}

/** An observable with one value per selected event. */
export function perEvent<E extends EventView, R>(
  source: Observable<Batch<E>>,
  valueOf: (event: E) => R,
): Observable<R> {
  return perBatch(source, (subscriber: Subscriber<R>) => ({
    next(batch): void {
      batch.forEach((event) => {
        // Whoever had enough (`take`) must not make the rest of the batch cost anything.
        if (!subscriber.closed) subscriber.next(valueOf(event));
      });
    },
  }));
}
