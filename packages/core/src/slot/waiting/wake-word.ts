import { RingError } from '../../errors.ts';

/*
 * How a thread sleeps without blocking its event loop, and how its peer wakes it only when it sleeps.
 *
 * One 32-bit word in shared memory belongs to one sleeping thread, its owner. Values: AWAKE, ASLEEP, CLOSED.
 *
 *   owner:  AWAKE → ASLEEP, look again, Atomics.waitAsync(word, ASLEEP), ASLEEP → AWAKE; anything → CLOSED, once
 *   peer:   changes what the owner waits for, then ASLEEP → AWAKE and Atomics.notify
 *
 * No wake-up is lost. Both sides write before they read: the owner writes ASLEEP, then reads the condition; the peer writes the condition, then reads the
 * word. Atomics are sequentially consistent, so at least one of them sees what the other wrote:
 *   - the owner sees the condition: it does not sleep;
 *   - or the peer sees ASLEEP, swaps it for AWAKE and notifies. If the owner has not called waitAsync yet, that finds AWAKE instead of ASLEEP and returns at
 *     once; if it has, notify wakes it. waitAsync compares and enqueues in one step, so there is no third case.
 * A swap that comes late, after the owner woke and went to sleep again, wakes it once in vain: the owner looks, and sleeps again.
 *
 * A waiter is never left behind: each waitAsync ends by notify, and `sleep` awaits it before it returns. When the time is over the owner notifies itself, by a
 * timer of Node's. That timer keeps the thread alive, which a pending waitAsync does not; and it is gone when it is cleared, whereas the time-out of waitAsync
 * itself stays in the thread's task queue until it is due, about 300 bytes each.
 */
const AWAKE = 0;
const ASLEEP = 1;
const CLOSED = 2;

const LONGEST_TIMER_MS = 0x7fffffff;

/* Looks at the condition before sleeping, about 5 us: a round trip through waitAsync costs about 80 us. */
const SPIN_TURNS = 200;

/** What a sleeping thread waits for. */
export interface WaitCondition {
  /** Whether there is no need to sleep any more; reads shared memory with Atomics. */
  isReady(): boolean;
}

/** A word of shared memory that one thread sleeps on and another wakes it by. */
export class WakeWord {
  readonly #words: Int32Array;
  readonly #index: number;
  #isSleeping: boolean;

  constructor(words: Int32Array, index: number) {
    this.#words = words;
    this.#index = index;
    this.#isSleeping = false;
  }

  /** Whether the owner is gone for good. Any thread. */
  get isClosed(): boolean {
    return Atomics.load(this.#words, this.#index) === CLOSED;
  }

  /**
   * Peer only. Call it after changing what the owner waits for.
   *
   * ORDER: the condition (Atomics.store) → this load. PAIRS WITH the compareExchange and isReady in `sleep`. A load before the store could miss a thread
   * that is about to sleep.
   *
   * @returns false where the owner is gone
   */
  wake(): boolean {
    const seen = Atomics.load(this.#words, this.#index);
    if (
      seen === ASLEEP &&
      Atomics.compareExchange(this.#words, this.#index, ASLEEP, AWAKE) === ASLEEP
    ) {
      Atomics.notify(this.#words, this.#index, 1);
    }
    return seen !== CLOSED;
  }

  /** Owner only. Nobody will sleep here any more; a sleep under way ends. */
  close(): void {
    Atomics.store(this.#words, this.#index, CLOSED);
    Atomics.notify(this.#words, this.#index);
  }

  /**
   * Owner only. Resolves when the condition is ready, on {@link close}, or after `timeoutMs`; may resolve early. Spins briefly first, so it may resolve
   * without a turn of the event loop.
   */
  async sleep(condition: WaitCondition, timeoutMs: number): Promise<void> {
    if (this.#isSleeping) {
      throw new RingError(
        'ERR_SOCKFLOW_RING_STATE',
        'expected one sleep at a time, found a second',
        {
          remedy: 'Await the first wait before the next.',
        },
      );
    }
    for (let turn = 0; turn < SPIN_TURNS; turn++) {
      if (condition.isReady()) return;
    }
    this.#isSleeping = true;
    try {
      await this.#sleepOnce(condition, timeoutMs);
    } finally {
      this.#isSleeping = false;
    }
  }

  async #sleepOnce(condition: WaitCondition, timeoutMs: number): Promise<void> {
    const words = this.#words;
    const index = this.#index;
    // ORDER: ASLEEP → the condition (isReady). PAIRS WITH wake: the condition → the word. Looking first and declaring then would lose a wake-up.
    if (Atomics.compareExchange(words, index, AWAKE, ASLEEP) === CLOSED) return;
    if (!condition.isReady()) {
      const waiting = Atomics.waitAsync(words, index, ASLEEP);
      if (waiting.async) {
        const timeout = setTimeout(() => this.wake(), Math.min(timeoutMs, LONGEST_TIMER_MS));
        try {
          await waiting.value;
        } finally {
          clearTimeout(timeout);
        }
      }
    }
    Atomics.compareExchange(words, index, ASLEEP, AWAKE);
  }
}
