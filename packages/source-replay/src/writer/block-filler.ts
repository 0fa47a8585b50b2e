import { Kind, SLOT_WORDS, type SlotMemory } from '@sockflow/core';

import { RecordingWriteError } from '../errors.ts';
import { BLOCK } from '../format/layout.ts';
import { BlockBuffer, storedSlotWords } from './block-buffer.ts';
import type { PartFile } from './part-file.ts';

const KIND_WORD = 2;
const LANE_KEY_WORD = 11;

/** How blocks are filled. */
export interface BlockFillerOptions {
  readonly blockBytes: number;
  /** A power of two. */
  readonly laneGroups: number;
  /** Of several groups: what their blocks hold together spans no more. */
  readonly windowMs: number;
}

/** Which block of a part a slot goes to, and when blocks are written: one after another with one lane group, windows of all groups with several (F14, F15). */
export class BlockFiller {
  /** Of the slots to come, in the part. */
  originNumber: number;
  readonly #part: PartFile;
  readonly #blocks: BlockBuffer[];
  readonly #groupMask: number;
  readonly #windowNs: number;
  #lastBytes: Uint8Array | undefined;

  constructor(part: PartFile, { blockBytes, laneGroups, windowMs }: BlockFillerOptions) {
    this.originNumber = 0;
    this.#part = part;
    this.#blocks = Array.from({ length: laneGroups }, () => new BlockBuffer(blockBytes));
    this.#groupMask = laneGroups - 1;
    this.#windowNs = windowMs * 1e6;
    this.#lastBytes = undefined;
  }

  /** Slots, markers included, that are in no block of the file yet. */
  get pendingSlots(): number {
    let slots = 0;
    for (const block of this.#blocks) slots += block.statistics.slots;
    return slots;
  }

  /** Those of them that are events. */
  get pendingEvents(): number {
    let events = 0;
    for (const block of this.#blocks) events += block.statistics.slots - block.statistics.markers;
    return events;
  }

  get pendingBytes(): number {
    let bytes = 0;
    for (const block of this.#blocks) bytes += block.payloadBytes;
    return bytes;
  }

  /**
   * Appends the slots at these words of the memory.
   *
   * @throws ERR_SOCKFLOW_RECORDING_SLOT, ERR_SOCKFLOW_RECORDING_WRITE
   */
  append(memory: SlotMemory, words: Uint32Array, size: number): void {
    if (this.#groupMask === 0) {
      this.#appendRuns(memory, words, size);
    } else {
      this.#appendGrouped(memory, words, size);
      this.#endWindowByTime();
    }
  }

  /** Writes the blocks that hold something, full or not. */
  flush(): void {
    for (const block of this.#blocks) {
      if (block.payloadBytes === 0) continue;
      this.#part.writeBlock(block, block.payload(), this.originNumber);
      block.reset();
    }
  }

  /** One group: slots that lie side by side are copied, or written from where they lie, together. */
  #appendRuns(memory: SlotMemory, words: Uint32Array, size: number): void {
    const [block] = this.#blocks as [BlockBuffer];
    const { statistics } = block;
    const { u32 } = memory;
    // A large selection gets blocks of its own rather than being cut at the rest of the last one: it may then be written without being copied.
    if (size * SLOT_WORDS > block.roomWords && size * SLOT_WORDS * 2 >= block.capacityWords) {
      this.flush();
    }
    let index = 0;
    while (index < size) {
      const runStart = words[index] as number;
      const runLimit = runStart + block.roomWords;
      let runEnd = runStart;
      let slotWords = 0;
      while (index < size && words[index] === runEnd) {
        slotWords = storedSlotWords(u32[runEnd] as number);
        if (slotWords === 0 || runEnd + slotWords > runLimit) break;
        statistics.add(u32, runEnd);
        runEnd += slotWords;
        index++;
      }
      this.#storeRun(block, memory, runStart, runEnd);
      if (index < size && words[index] === runEnd) {
        if (slotWords === 0 || slotWords > block.capacityWords) throw badSlot(u32, runEnd);
        this.flush();
      }
    }
  }

  #storeRun(block: BlockBuffer, memory: SlotMemory, startWord: number, endWord: number): void {
    if (block.payloadBytes > 0 || (endWord - startWord) * 2 < block.capacityWords) {
      block.copy(memory, startWord, endWord);
      return;
    }
    try {
      this.#part.writeBlock(block, this.#bytesOf(memory, startWord, endWord), this.originNumber);
    } catch (error) {
      block.copy(memory, startWord, endWord);
      throw error;
    }
    block.reset();
  }

  /** Recordings come block by block in the same memory: the array of the last one fits most of them. */
  #bytesOf(memory: SlotMemory, startWord: number, endWord: number): Uint8Array {
    const last = this.#lastBytes;
    const isLast =
      last?.buffer === memory.buffer &&
      last.byteOffset === memory.u8.byteOffset + startWord * 4 &&
      last.length === (endWord - startWord) * 4;
    if (isLast) return last;
    this.#lastBytes = memory.u8.subarray(startWord * 4, endWord * 4);
    return this.#lastBytes;
  }

  /** F14, F15: slots go to their group's block; a full one, or a marker after events, ends the window of all. */
  #appendGrouped(memory: SlotMemory, words: Uint32Array, size: number): void {
    const { u32 } = memory;
    for (let index = 0; index < size; index++) {
      const word = words[index] as number;
      const slotWords = storedSlotWords(u32[word] as number);
      const kind = (u32[word + KIND_WORD] as number) & 0xff;
      const isMarker = kind === Kind.LOSS_MARKER || kind === Kind.CLOCK_ANCHOR;
      const group = isMarker ? 0 : (u32[word + LANE_KEY_WORD] as number) & this.#groupMask;
      const block = this.#blocks[group] as BlockBuffer;
      if (slotWords === 0 || slotWords > block.capacityWords) throw badSlot(u32, word);
      if (slotWords > block.roomWords || (isMarker && this.pendingEvents > 0)) {
        this.flush();
      }
      block.statistics.add(u32, word);
      block.copy(memory, word, word + slotWords);
    }
  }

  #endWindowByTime(): void {
    let firstNs = Infinity;
    let lastNs = 0;
    for (const { header, payloadBytes } of this.#blocks) {
      if (payloadBytes === 0) continue;
      firstNs = Math.min(firstNs, readTimeNs(header, BLOCK.firstTimeOffset));
      lastNs = Math.max(lastNs, readTimeNs(header, BLOCK.lastTimeOffset));
    }
    if (lastNs - firstNs >= this.#windowNs) this.flush();
  }
}

function badSlot(u32: Uint32Array, word: number): RecordingWriteError {
  const lengthWord = (u32[word] ?? 0) >>> 0;
  return new RecordingWriteError(
    'ERR_SOCKFLOW_RECORDING_SLOT',
    `slot at word ${word} has length word 0x${lengthWord.toString(16)}: expected 248 + n * 64 bytes that fit a block, published and not discarded`,
    {
      details: { word, lengthWord },
      remedy: 'Append only whole, published slots; raise blockBytes for longer ones',
    },
  );
}

function readTimeNs(header: Buffer, offset: number): number {
  return header.readUInt32LE(offset) + header.readUInt32LE(offset + 4) * 0x100000000;
}
