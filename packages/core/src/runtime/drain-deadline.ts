/** How long a lane that was told to give up may take to its end: a second for its sinks, one for its source, and one to spare, ms. */
const LANE_GRACE_MS = 3000;
/** What is left to do on the main thread then, ms. */
const MAIN_GRACE_MS = 1000;

/** What a deadline does, in this order. */
export interface DeadlineSteps {
  /** The time is over: lanes give up what their sinks still hold, and end. */
  readonly giveUp: () => void;
  /** Lanes that have not ended even so never will: their threads are ended. */
  readonly endThreads: () => void;
}

/**
 * The time that a run has to its end once it was asked to end.
 *
 *   begin -> timeoutMs -> giveUp -> LANE_GRACE_MS -> endThreads -> MAIN_GRACE_MS -> nobody waits any more
 *
 * Main thread.
 */
export class DrainDeadline {
  readonly timeoutMs: number | undefined;
  readonly #steps: DeadlineSteps;
  readonly #last: Promise<void>;
  #resolveLast: () => void;
  #timer: NodeJS.Timeout | undefined;
  #isOver: boolean;
  #haveThreadsEnded: boolean;

  constructor(timeoutMs: number | undefined, steps: DeadlineSteps) {
    this.timeoutMs = timeoutMs;
    this.#steps = steps;
    this.#resolveLast = () => {};
    this.#last = new Promise((resolve) => {
      this.#resolveLast = resolve;
    });
    this.#timer = undefined;
    this.#isOver = false;
    this.#haveThreadsEnded = false;
  }

  /** Whether lanes were told to give up. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Whether threads that had not ended were. */
  get haveThreadsEnded(): boolean {
    return this.#haveThreadsEnded;
  }

  /** From the first call on. */
  begin(): void {
    if (this.timeoutMs === undefined || this.#timer !== undefined) return;
    this.#after(this.timeoutMs, () => {
      this.#isOver = true;
      this.#steps.giveUp();
      this.#after(LANE_GRACE_MS, () => {
        this.#haveThreadsEnded = true;
        this.#steps.endThreads();
        this.#after(MAIN_GRACE_MS, () => this.#resolveLast());
      });
    });
  }

  /** The run has ended. */
  end(): void {
    clearTimeout(this.#timer);
  }

  /** Settles as `settling` does; resolves with `undefined` where nobody waits any more. */
  within<T>(settling: Promise<T>): Promise<T | undefined> {
    return Promise.race([settling, this.#last.then(() => undefined)]);
  }

  #after(ms: number, act: () => void): void {
    this.#timer = setTimeout(act, ms);
  }
}
