const TWO_32 = 0x1_0000_0000;

/**
 * A 64-bit word of shared memory with one writing thread, kept in two 32-bit halves: Atomics on BigInts allocate at each call, so only a carry uses them.
 * Values grow only (R4).
 */
export class U64Word {
  readonly #halves: Uint32Array;
  readonly #whole: BigUint64Array;
  #low: number;
  #high: number;

  /** Begins with the value that lies there. */
  constructor(buffer: SharedArrayBuffer, offset: number) {
    this.#halves = new Uint32Array(buffer, offset, 2);
    this.#whole = new BigUint64Array(buffer, offset, 1);
    const value = Atomics.load(this.#whole, 0);
    this.#low = Number(value & 0xffffffffn);
    this.#high = Number(value >> 32n);
  }

  /** Writer only: the low half of the value it last stored. */
  get low(): number {
    return this.#low;
  }

  /** Writer only: the value it last stored, exact below 2^53. */
  get value(): number {
    return this.#high * TWO_32 + this.#low;
  }

  /** Writer only. Adds less than 2^32 and stores, as {@link store} does. */
  advance(amount: number): void {
    const low = this.#low + amount;
    if (low < TWO_32) {
      this.#low = low;
      Atomics.store(this.#halves, 0, low);
    } else {
      this.#storeWhole((this.#high + 1) >>> 0, low - TWO_32);
    }
  }

  /**
   * Writer only. Stores a value below 2^53 that is not less than the last.
   *
   * ORDER: everything written before → this store. The users of the word say what that publishes. Storing the halves one by one at a carry would show a
   * value 2^32 off in between: the other side would take the ring for full, or for holding what it does not.
   */
  store(value: number): void {
    const low = value >>> 0;
    const high = Math.floor(value / TWO_32);
    if (high === this.#high) {
      this.#low = low;
      Atomics.store(this.#halves, 0, low);
    } else {
      this.#storeWhole(high, low);
    }
  }

  /** Any thread: the low half; differences of two positions need no more (R3). */
  loadLow(): number {
    return Atomics.load(this.#halves, 0);
  }

  /**
   * Any thread: the value, exact below 2^53. The low half is taken only between two equal readings of the high half: as values only grow and a carry is one
   * store, it belongs to them.
   */
  load(): number {
    for (;;) {
      const high = Atomics.load(this.#halves, 1);
      const low = Atomics.load(this.#halves, 0);
      if (Atomics.load(this.#halves, 1) === high) return high * TWO_32 + low;
    }
  }

  #storeWhole(high: number, low: number): void {
    this.#high = high;
    this.#low = low;
    Atomics.store(this.#whole, 0, (BigInt(high) << 32n) | BigInt(low));
  }
}
