import { Packr, Unpackr } from 'msgpackr';

const OPTIONS = {
  // Plain objects come back as objects and Maps as Maps.
  useRecords: true,
  mapsAsObjects: false,
  moreTypes: true,
  structuredClone: true,
  // Integers above 2^53 and bigints come back as they were; others are floats or small integers.
  int64AsType: 'bigint',
  useBigIntExtension: true,
} as const;
const FIRST_BYTES = 4096;

/**
 * Packs values for another thread, one after another, into a buffer of its own: bigint, Map, Set, Date, typed arrays, cycles and `undefined` are kept; what
 * objects inherit is not.
 */
export class ValuePacker {
  readonly #packr: Packr;
  #buffer: Uint8Array;
  #usedBytes: number;

  constructor() {
    this.#packr = new Packr(OPTIONS);
    this.#buffer = new Uint8Array(FIRST_BYTES);
    this.#usedBytes = 0;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** @returns the bytes that the value takes. Packed at once: the value may change afterwards. */
  add(value: unknown): number {
    // VALID UNTIL the next pack: it lies in the packer's own buffer.
    const packed = this.#packr.pack(value);
    const neededBytes = this.#usedBytes + packed.byteLength;
    if (neededBytes > this.#buffer.byteLength) {
      const grown = new Uint8Array(Math.max(neededBytes, this.#buffer.byteLength * 2));
      grown.set(this.#buffer.subarray(0, this.#usedBytes));
      this.#buffer = grown;
    }
    this.#buffer.set(packed, this.#usedBytes);
    this.#usedBytes = neededBytes;
    return packed.byteLength;
  }

  /** What was added since the last call, as memory that the caller owns. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.#buffer.slice(0, this.#usedBytes);
    this.#usedBytes = 0;
    return taken;
  }
}

const unpackr = new Unpackr(OPTIONS);

/** The values of one `take()`, in order. */
export function unpackValues(bytes: Uint8Array): unknown[] {
  return bytes.byteLength === 0 ? [] : (unpackr.unpackMultiple(bytes) as unknown[]);
}
