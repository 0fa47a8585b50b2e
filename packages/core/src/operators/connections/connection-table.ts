import type { ConnectionEntry } from './connection-entry.ts';

const FIRST_CAPACITY = 64;

/**
 * Connections by (origin, netns cookie, cookie): open addressing with linear probing, keys compared as 32-bit words in the slot's memory, so that finding one allocates nothing.
 */
export class ConnectionTable<S> {
  #places: (ConnectionEntry<S> | undefined)[];
  #mask: number;
  #size: number;

  constructor() {
    this.#places = emptyPlaces(FIRST_CAPACITY);
    this.#mask = FIRST_CAPACITY - 1;
    this.#size = 0;
  }

  get size(): number {
    return this.#size;
  }

  /** The hash of the slot at word `w`: its lane key, which is one of the cookie, with the rest of the key mixed in. */
  static hash(m: Uint32Array, w: number, origin: number): number {
    const rest = Math.imul(m[w + 8]! ^ Math.imul(origin, 0x9e3779b1), 0x85ebca6b) ^ m[w + 9]!;
    return (m[w + 11]! ^ rest ^ (rest >>> 15)) >>> 0;
  }

  find(m: Uint32Array, w: number, origin: number, hash: number): ConnectionEntry<S> | undefined {
    const places = this.#places;
    const mask = this.#mask;
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const entry = places[at];
      if (entry === undefined || (entry.hash === hash && entry.isOf(m, w, origin))) return entry;
    }
  }

  /** Adds an entry that is not there yet. */
  add(entry: ConnectionEntry<S>): void {
    if (this.#size * 2 >= this.#places.length) this.#grow();
    this.#place(entry);
    this.#size++;
  }

  /** Removes an entry that is there; what was pushed on by it moves back, so that no probe ends early. */
  remove(entry: ConnectionEntry<S>): void {
    const places = this.#places;
    const mask = this.#mask;
    let hole = entry.hash & mask;
    while (places[hole] !== entry) hole = (hole + 1) & mask;
    this.#size--;
    for (let at = (hole + 1) & mask; ; at = (at + 1) & mask) {
      const other = places[at];
      if (other === undefined) break;
      const home = other.hash & mask;
      // It may move into the hole unless its home lies between the hole and where it is.
      if (((at - home) & mask) < ((at - hole) & mask)) continue;
      places[hole] = other;
      hole = at;
    }
    places[hole] = undefined;
  }

  #place(entry: ConnectionEntry<S>): void {
    let at = entry.hash & this.#mask;
    while (this.#places[at] !== undefined) at = (at + 1) & this.#mask;
    this.#places[at] = entry;
  }

  #grow(): void {
    const old = this.#places;
    this.#places = emptyPlaces(old.length * 2);
    this.#mask = this.#places.length - 1;
    for (const entry of old) if (entry !== undefined) this.#place(entry);
  }
}

function emptyPlaces<S>(capacity: number): (ConnectionEntry<S> | undefined)[] {
  return Array.from({ length: capacity }, () => undefined);
}
