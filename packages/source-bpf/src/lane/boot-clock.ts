import type { NativeClocks } from '../native/binding-types.ts';

const NS_PER_US = 1000n;

/**
 * The kernel's boot clock as this thread can read it in passing, without a native call: performance.now() and an offset.
 *
 * Never ahead of the kernel: the boot clock is read before the other, and a machine that was suspended since is ahead of what this says until the next `sync`.
 */
export class BootClock {
  readonly #read: () => NativeClocks;
  readonly #nowMs: () => number;
  #offsetUs: number;

  constructor(read: () => NativeClocks, nowMs: () => number = () => performance.now()) {
    this.#read = read;
    this.#nowMs = nowMs;
    this.#offsetUs = 0;
    this.sync();
  }

  /** Boot time, us, or a little less. */
  nowUs(): number {
    return this.#offsetUs + this.#nowMs() * 1000;
  }

  /** Reads the clocks anew. */
  sync(): NativeClocks {
    const clocks = this.#read();
    this.#offsetUs = Number(clocks.bootNs / NS_PER_US) - this.#nowMs() * 1000;
    return clocks;
  }
}
