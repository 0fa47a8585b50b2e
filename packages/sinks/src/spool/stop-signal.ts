/** Ends every wait of whoever asks it. */
export class StopSignal {
  readonly #waiting: Set<() => void>;
  #isStopped: boolean;

  constructor() {
    this.#waiting = new Set();
    this.#isStopped = false;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  stop(): void {
    this.#isStopped = true;
    for (const end of this.#waiting) end();
    this.#waiting.clear();
  }

  /** What settles first; `undefined` where that is the stop. What rejects after it is nobody's any more. */
  race<T>(settled: Promise<T>): Promise<T | undefined> {
    // Not Promise.race with one promise for all: what waits for that one is never forgotten.
    return new Promise((resolve, reject) => {
      const end = (): void => resolve(undefined);
      if (this.#isStopped) end();
      else this.#waiting.add(end);
      settled.finally(() => this.#waiting.delete(end)).then(resolve, reject);
    });
  }

  /** Until then, or the stop. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      if (this.#isStopped) end();
      else this.#waiting.add(end);
    });
  }
}
