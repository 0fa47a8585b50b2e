import type { Observable } from 'rxjs';

/** Subscribes and resolves at completion. */
export function drain<T>(values: Observable<T>, next: (value: T) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    values.subscribe({ next, error: reject, complete: resolve });
  });
}
