const SMALLEST_WORDS = 1024;

/**
 * Buffers for the slots of connections that are alive, by size class (powers of two), given back when a connection's last event has left: so memory grows with
 * the connections alive at once, not with the recording.
 */
export class SlotPool {
  readonly #free: Uint32Array[][];

  constructor() {
    this.#free = [];
  }

  /** An empty buffer of the smallest size; its words are rubbish. */
  take(): Uint32Array {
    return this.#takeClass(0);
  }

  /** A buffer twice as large with the first one's words, which is given back. */
  grow(words: Uint32Array): Uint32Array {
    const larger = this.#takeClass(classOf(words) + 1);
    larger.set(words);
    this.give(words);
    return larger;
  }

  give(words: Uint32Array): void {
    (this.#free[classOf(words)] ??= []).push(words);
  }

  #takeClass(sizeClass: number): Uint32Array {
    return this.#free[sizeClass]?.pop() ?? new Uint32Array(SMALLEST_WORDS << sizeClass);
  }
}

function classOf(words: Uint32Array): number {
  return 31 - Math.clz32(words.length / SMALLEST_WORDS);
}
