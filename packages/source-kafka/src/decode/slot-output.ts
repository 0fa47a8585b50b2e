import { SlotMemory } from '@sockflow/core';

/**
 * Where decoders write slots: the memory of one span, from its start on, and where the next slot begins. It grows where a record needs it to.
 *
 * OWNERSHIP: the lane's. VALID UNTIL the lane is asked for its next span: then it begins anew, with what was in the memory still there.
 */
export class SlotOutput {
  #memory: SlotMemory;
  /** Word index where the next slot begins: who has written one adds its words. A multiple of a cache line's (S2). */
  endWord: number;

  constructor(bytes: number) {
    this.#memory = SlotMemory.allocate(bytes);
    this.endWord = 0;
  }

  get memory(): SlotMemory {
    return this.#memory;
  }

  /** The memory, with room for `bytes` from `endWord` on. Call it before writing: it may be another memory than before, with the same slots in it. */
  reserve(bytes: number): SlotMemory {
    const usedBytes = this.endWord * 4;
    const before = this.#memory;
    if (usedBytes + bytes <= before.u8.length) return before;
    const larger = SlotMemory.allocate(Math.max(usedBytes + bytes, before.u8.length * 2));
    larger.u8.set(before.u8.subarray(0, usedBytes));
    this.#memory = larger;
    return larger;
  }
}
