/** What {@link LanePatience.within} gives where the lane waits no longer. */
export const GAVE_UP: unique symbol = Symbol('gave up');

/** How long a lane that gives up still waits for what it has just asked of others, ms. */
const GRACE_MS = 1000;

/**
 * How long a lane waits for what others promise: without an end, until it is told that its run's time is over. JS thread only.
 */
export class LanePatience {
  readonly #over: Promise<typeof GAVE_UP>;
  #end: () => void;
  #isOver: boolean;

  constructor() {
    this.#end = () => {};
    this.#isOver = false;
    this.#over = new Promise((resolve) => {
      this.#end = () => resolve(GAVE_UP);
    });
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  end(): void {
    this.#isOver = true;
    this.#end();
  }

  /** Settles as `settling` does, or gives {@link GAVE_UP} as soon as the time is over. */
  within<T>(settling: Promise<T>): Promise<T | typeof GAVE_UP> {
    return Promise.race([settling, this.#over]);
  }

  /** As {@link within}, with a last second once the time is over: for what is only asked then. */
  async withGrace<T>(settling: Promise<T>): Promise<T | typeof GAVE_UP> {
    const first = await this.within(settling);
    if (first !== GAVE_UP) return first;
    let timer: NodeJS.Timeout | undefined;
    const grace = new Promise<typeof GAVE_UP>((resolve) => {
      timer = setTimeout(() => resolve(GAVE_UP), GRACE_MS);
    });
    try {
      return await Promise.race([settling, grace]);
    } finally {
      clearTimeout(timer);
    }
  }
}
