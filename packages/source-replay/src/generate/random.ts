const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
const TWO_POW_32 = 4294967296;

/**
 * The generator's own random numbers: the same on every machine and Node, since only 32-bit integer operations and exact IEEE 754 ones are used
 * (no Math.log, whose last bit is the engine's choice).
 *
 * Algorithm: xoshiro128** 1.1 (Blackman and Vigna, 2018), 128 bits of state. Each state word is the FNV-1a hash of the word's number and the seed's text,
 * finished as MurmurHash3's 32-bit finaliser does.
 */
export class Random {
  readonly #state: Uint32Array;

  constructor(seed: string) {
    this.#state = new Uint32Array(4);
    for (let index = 0; index < 4; index++) {
      this.#state[index] = hashText(`${index}:${seed}`);
    }
    if (this.#state.every((word) => word === 0)) {
      this.#state[0] = 1; // the one state that xoshiro never leaves
    }
  }

  /** The state, for whoever wants to check the algorithm. */
  get state(): readonly number[] {
    return [...this.#state];
  }

  /** A whole number in [0, 2^32). */
  u32(): number {
    const state = this.#state;
    const s1 = state[1]!;
    const product = Math.imul(s1, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const s2 = state[2]! ^ state[0]!;
    const s3 = state[3]! ^ s1;
    state[1] = s1 ^ s2;
    state[0] = state[0]! ^ s3;
    state[2] = s2 ^ (s1 << 9);
    state[3] = (s3 << 11) | (s3 >>> 21);
    return result;
  }

  /** A whole number in [0, bound). */
  below(bound: number): number {
    return Math.floor((this.u32() / TWO_POW_32) * bound);
  }

  /** A whole number in [start, end). */
  between(start: number, end: number): number {
    return start + this.below(end - start);
  }

  /** An index, as often as its weight says; some weight is above 0. */
  weighted(weights: readonly number[]): number {
    let rest = (this.u32() / TWO_POW_32) * weights.reduce((sum, weight) => sum + weight, 0);
    for (let index = 0; index < weights.length; index++) {
      rest -= weights[index]!;
      if (rest < 0) {
        return index;
      }
    }
    return weights.findIndex((weight) => weight > 0);
  }

  /** Whether something of this probability happens. */
  chance(ratio: number): boolean {
    return this.u32() < ratio * TWO_POW_32;
  }

  /** A whole number in [start, end), each doubling of it as likely as the next: how sizes and round trips are spread. */
  spread(start: number, end: number): number {
    let octaves = 0;
    for (let reach = start; reach < end; reach *= 2) {
      octaves++;
    }
    let low = start;
    for (let octave = this.below(octaves); octave > 0; octave--) {
      low *= 2;
    }
    return Math.min(end - 1, this.between(low, low * 2));
  }

  /**
   * An exponentially distributed number with this mean, by von Neumann's comparison method (1951): the number of failed rounds is the whole part; the
   * first number of a falling run of odd length is the rest.
   */
  exponential(mean: number): number {
    for (let whole = 0; ; whole++) {
      const first = this.u32();
      let last = first;
      let length = 0;
      for (;;) {
        length++;
        const next = this.u32();
        if (next >= last) {
          break;
        }
        last = next;
      }
      if (length % 2 === 1) {
        return mean * (whole + first / TWO_POW_32);
      }
    }
  }
}

function hashText(text: string): number {
  let hash = FNV_OFFSET;
  for (const byte of new TextEncoder().encode(text)) {
    hash = Math.imul(hash ^ byte, FNV_PRIME);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
