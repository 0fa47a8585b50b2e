const FIRST_MS = 100;
const MAX_MS = 5000;

/** Times between attempts: doubled from one to the next, up to a bound, each shortened at random by up to a half, so that many who lost the same peer do not come back at once. */
export class Backoff {
  readonly #random: () => number;
  #nextMs: number;

  constructor(random: () => number = Math.random) {
    this.#random = random;
    this.#nextMs = FIRST_MS;
  }

  next(): number {
    const ms = this.#nextMs;
    this.#nextMs = Math.min(MAX_MS, ms * 2);
    return ms * (1 - this.#random() / 2);
  }

  reset(): void {
    this.#nextMs = FIRST_MS;
  }
}
