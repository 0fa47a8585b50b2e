/**
 * Where one asynchronous loop waits until something settles or somebody breaks the wait. Not `Promise.race` with one long-lived promise: each race would leave a
 * reaction on it for the loop's life.
 *
 * JS thread only: one waiter.
 */
export class Turnstile {
  #release: (() => void) | undefined;

  constructor() {
    this.#release = undefined;
  }

  /** Settles as `settling` does, or resolves when `break` is called. */
  wait(settling: Promise<unknown>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#release = resolve;
      settling.then(() => resolve(), reject);
    });
  }

  /** Resolves when `break` is called. */
  sleep(): Promise<void> {
    return new Promise((resolve) => {
      this.#release = resolve;
    });
  }

  break(): void {
    this.#release?.();
    this.#release = undefined;
  }
}
