import { LENGTH_MASK, RING_HEADER_BYTES } from '@sockflow/core';

interface Block {
  readonly index: number;
  readonly words: Uint32Array;
  usedWords: number;
  freedWords: number;
}

/** Words of the slot at word index `slot`. */
export function slotWords(words: Uint32Array, slot: number): number {
  return ((words[slot]! & LENGTH_MASK) + RING_HEADER_BYTES) >>> 2;
}

/** Where slots were put. */
export interface Place {
  readonly block: number;
  readonly startWord: number;
}

/** A lane's blocks of shared memory: filled one after the other, and again when the collector has given them back (O1). */
export class BlockPool {
  readonly #blockWords: number;
  readonly #blocks: Block[];
  #free: Block[];
  #current: Block | undefined;
  #newBuffers: SharedArrayBuffer[];

  constructor(blockBytes: number) {
    this.#blockWords = blockBytes / 4;
    this.#blocks = [];
    this.#free = [];
    this.#current = undefined;
    this.#newBuffers = [];
  }

  /** Those that the collector does not know yet; they are known from now on. */
  takeNewBuffers(): SharedArrayBuffer[] {
    const buffers = this.#newBuffers;
    this.#newBuffers = [];
    return buffers;
  }

  /** Bytes of all blocks that were made. */
  get allocatedBytes(): number {
    return this.#blocks.reduce((sum, block) => sum + block.words.byteLength, 0);
  }

  /** Whether the next slot of so many words goes behind the last one. */
  hasRoom(words: number): boolean {
    const block = this.#current;
    return block !== undefined && block.usedWords + words <= block.words.length;
  }

  /** Copies a slot behind the last one, or into another block where there is no room. */
  put(from: Uint32Array, slot: number, words: number): Place {
    if (!this.hasRoom(words)) this.#begin(words);
    const block = this.#current as Block;
    const startWord = block.usedWords;
    const to = block.words;
    for (let word = 0; word < words; word++) to[startWord + word] = from[slot + word]!;
    block.usedWords = startWord + words;
    return { block: block.index, startWord };
  }

  /** The collector has done with so many words of a block. */
  free(index: number, words: number): void {
    const block = this.#blocks[index];
    if (block === undefined) throw new RangeError(`there is no block ${index}`);
    block.freedWords += words;
    if (block.freedWords !== block.usedWords) return;
    block.usedWords = 0;
    block.freedWords = 0;
    if (block !== this.#current) this.#free.push(block);
  }

  #begin(words: number): void {
    const old = this.#current;
    if (old !== undefined && old.usedWords === 0) this.#free.push(old);
    const index = this.#free.findIndex((block) => block.words.length >= words);
    if (index >= 0) [this.#current] = this.#free.splice(index, 1);
    else this.#current = this.#allocate(Math.max(words, this.#blockWords));
  }

  #allocate(words: number): Block {
    const buffer = new SharedArrayBuffer(words * 4);
    const block = {
      index: this.#blocks.length,
      words: new Uint32Array(buffer),
      usedWords: 0,
      freedWords: 0,
    };
    this.#blocks.push(block);
    this.#newBuffers.push(buffer);
    return block;
  }
}
