/** Where a lane waits for data: until somebody wakes it or the time is up. One waiter; JS thread only. */
export class Wakeup {
  #resolve: (() => void) | undefined;
  #isDue: boolean;

  constructor() {
    this.#resolve = undefined;
    this.#isDue = false;
  }

  /** Ends a wait; one that nobody waits for yet ends at once. */
  wake(): void {
    if (this.#resolve === undefined) this.#isDue = true;
    else this.#resolve();
  }

  wait(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#resolve = undefined;
        this.#isDue = false;
        resolve();
      };
      const timer = setTimeout(end, this.#isDue ? 0 : timeoutMs);
      this.#resolve = end;
    });
  }
}
