/** How long a thread may hold its event loop before it yields, ms. */
export const MAX_HOLD_MS = 5;

/**
 * Gives the event loop its turn while a thread has more work than time: timers, sockets and messages of the same thread go on.
 *
 * Between bounded pieces of work: `if (turn.isDue) await turn.yield();`. Ask after a wait, too: it may have ended without a turn of the event loop.
 */
export class EventLoopYield {
  readonly #maxHoldMs: number;
  readonly #nowMs: () => number;
  #heldSinceMs: number;

  constructor(maxHoldMs: number = MAX_HOLD_MS, nowMs: () => number = () => performance.now()) {
    this.#maxHoldMs = maxHoldMs;
    this.#nowMs = nowMs;
    this.#heldSinceMs = nowMs();
  }

  /** Whether the event loop has waited as long as it may. */
  get isDue(): boolean {
    return this.#nowMs() - this.#heldSinceMs >= this.#maxHoldMs;
  }

  /**
   * Resolves after a turn of the event loop: timers that are due, then whatever is readable, have run.
   *
   * By setImmediate: one queued from an immediate's own turn runs in the next, behind timers and polling. A resolved promise would give no turn at all, a
   * timer of 0 ms costs a whole one.
   */
  async yield(): Promise<void> {
    await new Promise(setImmediate);
    this.#heldSinceMs = this.#nowMs();
  }
}
