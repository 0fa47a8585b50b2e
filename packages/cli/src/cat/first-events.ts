import type { Batch } from '@sockflow/core';
import type { Subscribable } from '@sockflow/sinks';

import { sliceOf } from '../watch/event-slice.ts';

/** The first events of a stream of batches, with the markers before them; then the stream is left. */
export function firstEvents(batches: Subscribable<Batch>, limit: number): Subscribable<Batch> {
  return {
    subscribe(observer) {
      let left = limit;
      let isOver = false;
      const held: { subscription?: { unsubscribe(): void } } = {};
      const end = (): void => {
        isOver = true;
        held.subscription?.unsubscribe();
        observer.complete();
      };
      const next = (batch: Batch): void => {
        if (isOver) return;
        if (batch.size < left) {
          left -= batch.size;
          observer.next(batch);
          return;
        }
        observer.next(sliceOf(batch, 0, left));
        end();
      };
      held.subscription = batches.subscribe({
        next,
        error: (error) => (isOver ? undefined : observer.error(error)),
        complete: () => (isOver ? undefined : observer.complete()),
      });
      if (isOver) held.subscription.unsubscribe();
      return held.subscription;
    },
  };
}
