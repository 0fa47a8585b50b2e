import { CHUNK_BYTES, type Chunk, endItemAt, newChunk } from './chunk.ts';

/**
 * Where encoders write: the bytes of one chunk after another, recycled.
 *
 *   encoder:      reserve(n); write at most n bytes into `bytes` or `view` from `position`; position = end; endItem()
 *   destination:  gets full chunks by `onChunk`, asks for the rest with `seal()`, gives each back with `release()`
 */
export class ByteOutput {
  bytes: Uint8Array;
  view: DataView;
  position: number;
  readonly #onChunk: (chunk: Chunk) => void;
  readonly #free: Chunk[];
  /** The last one of those that were longer than usual. */
  #freeLong: Chunk | undefined;
  #chunk: Chunk;
  #items: number;
  #count: number;

  constructor(onChunk: (chunk: Chunk) => void) {
    this.#chunk = newChunk(0);
    this.bytes = this.#chunk.bytes;
    this.view = this.#chunk.view;
    this.position = 0;
    this.#onChunk = onChunk;
    this.#free = [];
    this.#freeLong = undefined;
    this.#items = 0;
    this.#count = 0;
  }

  /** Makes room for at least `bytes`; may replace `bytes`, `view` and `position`. Only between items. */
  reserve(bytes: number): void {
    if (this.bytes.length - this.position < bytes) this.#next(bytes);
  }

  /** Ends the item that was written up to `position`; `count` is 1 for an event or a value, 0 for a marker or a header, more for what has several. */
  endItem(count: number): void {
    this.#count += count;
    endItemAt(this.#chunk, this.#items++, this.position, this.#count);
  }

  /** Bytes written that are in no chunk handed over. */
  get pendingBytes(): number {
    return this.position;
  }

  /** Hands over what is pending, if anything. */
  seal(): void {
    if (this.position > 0) this.#next(0);
  }

  release(chunk: Chunk): void {
    if (chunk.bytes.length === CHUNK_BYTES) this.#free.push(chunk);
    else this.#freeLong = chunk;
  }

  #next(bytes: number): void {
    const full = this.#chunk;
    full.length = this.position;
    full.items = this.#items;
    const recycled = bytes <= CHUNK_BYTES ? this.#free.pop() : this.#takeLong(bytes);
    this.#chunk = recycled ?? newChunk(bytes);
    this.bytes = this.#chunk.bytes;
    this.view = this.#chunk.view;
    this.position = 0;
    this.#items = 0;
    this.#count = 0;
    if (full.length > 0) this.#onChunk(full);
  }

  #takeLong(bytes: number): Chunk | undefined {
    const chunk = this.#freeLong;
    if (chunk === undefined || chunk.bytes.length < bytes) return undefined;
    this.#freeLong = undefined;
    return chunk;
  }
}
