import type { RingPoll } from '../native/binding-types.ts';

/*
 * How a lane sleeps until the kernel program has submitted something.
 *
 *   lane:     is_asleep = 1, look again, wait for the ring's descriptor, is_asleep = 0
 *   program:  reserve, fill, read is_asleep, submit with BPF_RB_FORCE_WAKEUP where it is 1, else with BPF_RB_NO_WAKEUP and read it again (publish of bpf/ring.h)
 *
 * While the lane is awake nobody wakes it: a submit then costs no more than the slot. No wake-up is lost. Either the lane's last look sees the slot, or the slot was
 * committed after it; then the program's second reading, after the commit's xchg, sees is_asleep. And the descriptor is level-triggered: when the event loop begins to wait for it it asks
 * the ring anew whether it holds anything (ringbuf_map_poll_kern of kernel/bpf/ringbuf.c), so that a wake-up that comes before is not missed.
 *
 * That question counts slots that are being written (BUSY), too: then the lane is woken and finds nothing. The next sleep is a short timer's instead, so that a program
 * that was interrupted within its slot does not make the lane spin.
 */
const AWAKE = 0;
const ASLEEP = 1;
const BUSY_RETRY_MS = 1;

/** Settings of {@link LaneSleep}. */
export interface LaneSleepOptions {
  readonly poll: RingPoll;
  /** The lane's struct sockflow_lane_word: `is_asleep` comes first. */
  readonly word: Int32Array;
  /** Whether there is no need to sleep. */
  readonly isReady: () => boolean;
}

/** The sleep of one lane; all calls in its thread. */
export class LaneSleep {
  readonly #poll: RingPoll;
  readonly #word: Int32Array;
  readonly #isReady: () => boolean;
  #wake: (() => void) | undefined;
  #wasPolled: boolean;
  #wasInVain: boolean;
  #isClosed: boolean;

  constructor({ poll, word, isReady }: LaneSleepOptions) {
    this.#poll = poll;
    this.#word = word;
    this.#isReady = isReady;
    this.#wake = undefined;
    this.#wasPolled = false;
    this.#wasInVain = false;
    this.#isClosed = false;
  }

  /** What the lane found when it looked after its sleep. */
  looked(hasFound: boolean): void {
    this.#wasInVain = this.#wasPolled && !hasFound;
    this.#wasPolled = false;
  }

  /** Resolves when there may be something to read, after `timeoutMs`, or by `close`; one at a time. Does not throw. */
  async sleep(timeoutMs: number): Promise<void> {
    if (this.#isClosed || this.#wake !== undefined) return;
    if (this.#wasInVain) {
      this.#wasInVain = false;
      await this.#wait(Math.min(BUSY_RETRY_MS, timeoutMs), false);
      return;
    }
    // ORDER: is_asleep (Atomics.store) → the ring's positions and length words (isReady). PAIRS WITH the program's commit → is_asleep. Looking first and declaring
    // then would lose a wake-up until the time-out.
    Atomics.store(this.#word, 0, ASLEEP);
    if (!this.#isReady()) await this.#wait(timeoutMs, true);
    if (!this.#isClosed) Atomics.store(this.#word, 0, AWAKE);
  }

  /** At any time, once: a sleep under way ends. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    Atomics.store(this.#word, 0, AWAKE);
    this.#wake?.();
    this.#poll.close();
  }

  #wait(timeoutMs: number, isPolled: boolean): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#wake?.(), timeoutMs);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = undefined;
        if (isPolled && !this.#isClosed) this.#poll.stop();
        resolve();
      };
      if (!isPolled) return;
      this.#poll.start(() => {
        this.#wasPolled = true;
        this.#wake?.();
      });
    });
  }
}
