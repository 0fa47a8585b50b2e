/**
 * Who is next, by boot time: a binary heap over two flat arrays, of times and of the entries' numbers: objects that move would cost a write barrier each. Of entries with the same time the one that the heap's moves brought up first comes first: the
 * same for the same seed, since the moves are.
 */
export class EventQueue<T> {
  #timesNs: Float64Array;
  #numbers: Int32Array;
  /** The entries by number. */
  readonly #items: T[];
  readonly #freeNumbers: number[];
  #size: number;

  constructor() {
    this.#timesNs = new Float64Array(1024);
    this.#numbers = new Int32Array(1024);
    this.#items = [];
    this.#freeNumbers = [];
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
    return this.#items[this.#numbers[0]!]!;
  }

  push(timeNs: number, item: T): void {
    if (this.#size === this.#timesNs.length) {
      const larger = new Float64Array(this.#size * 2);
      larger.set(this.#timesNs);
      this.#timesNs = larger;
      const numbers = new Int32Array(this.#size * 2);
      numbers.set(this.#numbers);
      this.#numbers = numbers;
    }
    const number = this.#freeNumbers.pop() ?? this.#items.length;
    this.#items[number] = item;
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
    this.#numbers[index] = number;
  }

  /** Gives the first entry a later time: cheaper than taking it out and putting it back. */
  delayTop(timeNs: number): void {
    this.#settle(timeNs, this.#numbers[0]!);
  }

  /** Takes the first entry out. */
  pop(): void {
    const last = --this.#size;
    this.#freeNumbers.push(this.#numbers[0]!);
    if (last > 0) {
      this.#settle(this.#timesNs[last]!, this.#numbers[last]!);
    }
  }

  /** Puts an entry in the first one's place and moves it down to where it belongs. */
  #settle(timeNs: number, number: number): void {
    const times = this.#timesNs;
    const numbers = this.#numbers;
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
      const childNs = times[child]!;
      if (childNs >= timeNs) {
        break;
      }
      times[index] = childNs;
      numbers[index] = numbers[child]!;
      index = child;
    }
    times[index] = timeNs;
    numbers[index] = number;
  }

  #move(from: number, to: number): void {
    this.#timesNs[to] = this.#timesNs[from]!;
    this.#numbers[to] = this.#numbers[from]!;
  }
}
