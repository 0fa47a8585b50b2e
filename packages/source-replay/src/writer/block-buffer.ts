import { RING_HEADER_BYTES, SlotMemory } from '@sockflow/core';

import { copySlot } from '../copy-slot.ts';
import { BlockStatistics } from '../format/block-statistics.ts';
import { BLOCK_HEADER_BYTES } from '../format/layout.ts';

const HEADER_WORDS = BLOCK_HEADER_BYTES / 4;
/** From this many words on, a memmove is cheaper than a loop (its call and the subarray cost as much as copying one slot). */
const MOVE_FROM_WORDS = 192;

/**
 * The block that a writer fills: header and payload side by side, so that one write takes both.
 *
 * OWNERSHIP: the writer's; `whole()` is valid until the next `reset`.
 */
export class BlockBuffer {
  readonly memory: SlotMemory;
  readonly header: Buffer;
  /** The header without its CRC. */
  readonly checkedHeader: Buffer;
  readonly statistics: BlockStatistics;
  readonly #capacityWords: number;
  #payloadWords = 0;

  constructor(payloadBytes: number) {
    this.memory = SlotMemory.allocate(BLOCK_HEADER_BYTES + payloadBytes);
    this.header = Buffer.from(this.memory.buffer, 0, BLOCK_HEADER_BYTES);
    this.checkedHeader = this.header.subarray(0, BLOCK_HEADER_BYTES - 4);
    this.statistics = new BlockStatistics(this.memory.u32);
    this.#capacityWords = payloadBytes / 4;
  }

  get payloadBytes(): number {
    return this.#payloadWords * 4;
  }

  /** Words that still fit. */
  get roomWords(): number {
    return this.#capacityWords - this.#payloadWords;
  }

  get capacityWords(): number {
    return this.#capacityWords;
  }

  /** Copies words that are whole slots, whose statistics are the caller's to add. */
  copy(source: SlotMemory, startWord: number, endWord: number): void {
    const at = HEADER_WORDS + this.#payloadWords;
    const words = endWord - startWord;
    if (words >= MOVE_FROM_WORDS) {
      this.memory.u32.set(source.u32.subarray(startWord, endWord), at);
    } else {
      copySlot(this.memory.big, at, source.big, startWord, words);
    }
    this.#payloadWords += words;
  }

  /** The payload copied so far. */
  payload(): Uint8Array {
    return this.memory.u8.subarray(BLOCK_HEADER_BYTES, BLOCK_HEADER_BYTES + this.payloadBytes);
  }

  /** Header and payload. */
  whole(): Uint8Array {
    return this.memory.u8.subarray(0, BLOCK_HEADER_BYTES + this.payloadBytes);
  }

  reset(): void {
    this.#payloadWords = 0;
    this.statistics.reset();
  }
}

/** Words of the slot whose length word is `lengthWord`: 0 where it is no slot that a block may hold (F6). */
export function storedSlotWords(lengthWord: number): number {
  const bytes = lengthWord + RING_HEADER_BYTES;
  return bytes < 256 || bytes > 0x3fffffff || (bytes & 63) !== 0 ? 0 : bytes >>> 2;
}
