/** Bytes of headers that are kept together: one allocation for some 78 blocks. */
const CHUNK_BYTES = 64 << 10;

/** The headers of the frames written so far, for the index (F10). */
export class HeaderLog {
  readonly #chunks: Buffer[] = [];
  #last: Buffer = Buffer.alloc(CHUNK_BYTES);
  #lastBytes = 0;
  #count = 0;

  /** Frames noted: the number of the next one. */
  get count(): number {
    return this.#count;
  }

  add(header: Uint8Array): void {
    if (this.#lastBytes + header.length > CHUNK_BYTES) {
      this.#chunks.push(this.#last.subarray(0, this.#lastBytes));
      this.#last = Buffer.alloc(CHUNK_BYTES);
      this.#lastBytes = 0;
    }
    this.#last.set(header, this.#lastBytes);
    this.#lastBytes += header.length;
    this.#count++;
  }

  /** All of them, one after the other. */
  concat(): Buffer {
    return Buffer.concat([...this.#chunks, this.#last.subarray(0, this.#lastBytes)]);
  }
}
