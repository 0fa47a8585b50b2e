/**
 * Who is next, by boot time: a binary heap over two flat arrays. Of entries with the same time the one that the heap's moves brought up first comes first: the
 * same for the same seed, since the moves are.
 */
export class EventQueue<T> {
  #timesNs: Float64Array;
  readonly #items: T[];
  #size: number;

  constructor() {
    this.#timesNs = new Float64Array(1024);
    this.#items = [];
    this.#size = 0;
  }

  get size(): number {
    return this.#size;
  }

  /** The time of the first entry, ns since boot; infinity where there is none. */
  get topTimeNs(): number {
    return this.#size === 0 ? Infinity : this.#timesNs[0]!;
  }

  /** The first entry; there must be one. */
  get top(): T {
    return this.#items[0]!;
  }

  push(timeNs: number, item: T): void {
    if (this.#size === this.#timesNs.length) {
      const larger = new Float64Array(this.#size * 2);
      larger.set(this.#timesNs);
      this.#timesNs = larger;
    }
    let index = this.#size++;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (this.#timesNs[parent]! <= timeNs) {
        break;
      }
      this.#move(parent, index);
      index = parent;
    }
    this.#timesNs[index] = timeNs;
    this.#items[index] = item;
  }

  /** Gives the first entry a later time: cheaper than taking it out and putting it back. */
  delayTop(timeNs: number): void {
    this.#settle(timeNs, this.#items[0]!);
  }

  /** Takes the first entry out. */
  pop(): void {
    const last = --this.#size;
    const timeNs = this.#timesNs[last]!;
    const item = this.#items[last]!;
    this.#items.length = last;
    if (last > 0) {
      this.#settle(timeNs, item);
    }
  }

  /** Puts an entry in the first one's place and moves it down to where it belongs. */
  #settle(timeNs: number, item: T): void {
    const times = this.#timesNs;
    const size = this.#size;
    let index = 0;
    for (;;) {
      let child = index * 2 + 1;
      if (child >= size) {
        break;
      }
      if (child + 1 < size && times[child + 1]! < times[child]!) {
        child++;
      }
      if (times[child]! >= timeNs) {
        break;
      }
      this.#move(child, index);
      index = child;
    }
    times[index] = timeNs;
    this.#items[index] = item;
  }

  #move(from: number, to: number): void {
    this.#timesNs[to] = this.#timesNs[from]!;
    this.#items[to] = this.#items[from]!;
  }
}
