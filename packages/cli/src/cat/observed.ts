import type { Subscribable } from '@sockflow/sinks';

/** A stream that somebody looks at on its way. */
export function observed<T>(source: Subscribable<T>, look: (value: T) => void): Subscribable<T> {
  return {
    subscribe: (observer) =>
      source.subscribe({
        next: (value) => {
          look(value);
          observer.next(value);
        },
        error: (error) => observer.error(error),
        complete: () => observer.complete(),
      }),
  };
}
