import { setTimeout } from 'node:timers/promises';

const LOOK_AGAIN_MS = 1;
const MISSING_I32 = 0;

/**
 * Where the lanes of a run wait for each other: none asks its source before all are ready to. So a lane that cannot start keeps the others from taking anything, and lanes whose
 * threads start at different times share the reading from the first block on. The main thread looks, too: a live source that waits for its start has it then.
 *
 *   offset  bytes  field    writer      meaning
 *        0      4  missing  every lane  lanes that are not ready yet; a lane subtracts itself once
 *
 * No memory is handed over by it: what lanes share, the main thread made before they started.
 */
export class StartLine {
  readonly #words: Int32Array;

  /** @param buffer made by {@link allocate}, the same in every lane */
  constructor(buffer: SharedArrayBuffer) {
    this.#words = new Int32Array(buffer);
  }

  static allocate(lanes: number): SharedArrayBuffer {
    const buffer = new SharedArrayBuffer(4);
    new Int32Array(buffer)[MISSING_I32] = lanes;
    return buffer;
  }

  /** This lane is ready. Once. */
  arrive(): void {
    Atomics.sub(this.#words, MISSING_I32, 1);
  }

  /** Whether every lane is ready: then they all may go. */
  get isOpen(): boolean {
    return Atomics.load(this.#words, MISSING_I32) <= 0;
  }

  /**
   * Resolves soon, or when the line may have opened. By a timer: it happens once a lane's life, and a lane that dies before it arrives wakes nobody; who waits looks at its stop
   * request, too.
   */
  lookAgain(): Promise<void> {
    return setTimeout(LOOK_AGAIN_MS);
  }
}
