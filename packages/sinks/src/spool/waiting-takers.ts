/** Those who gave a lane something and wait until it has a place. */
export class WaitingTakers {
  #waiters: { readonly resolve: () => void; readonly reject: (error: unknown) => void }[];
  #sinceMs: number;

  constructor() {
    this.#waiters = [];
    this.#sinceMs = 0;
  }

  get isEmpty(): boolean {
    return this.#waiters.length === 0;
  }

  /** How long the first of them has waited; 0 where none does. */
  waitedMs(nowMs: number): number {
    return this.isEmpty ? 0 : nowMs - this.#sinceMs;
  }

  wait(): Promise<void> {
    if (this.isEmpty) this.#sinceMs = performance.now();
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
    });
  }

  /** All of them: with the failure, where there is one. */
  settle(failure: { readonly error: unknown } | undefined): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const { resolve, reject } of waiters)
      if (failure === undefined) resolve();
      else reject(failure.error);
  }
}
