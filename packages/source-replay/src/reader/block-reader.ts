import { crc32 } from 'node:zlib';

import { isSockflowError, SlotMemory } from '@sockflow/core';

import { BlockDecompressor, STORED_PREFIX_BYTES } from '../compression/block-decompressor.ts';
import { COMPRESSION_NONE } from '../format/layout.ts';
import type { BlockTable } from './block-table.ts';
import type { BlockFault } from './damage.ts';
import type { RandomAccessFile } from './random-access-file.ts';

/**
 * Reads payloads straight into slot memory, at a cache line, and checks them; compressed ones by way of a buffer of what is stored.
 *
 * VALID UNTIL the next read: there is one memory, of the size of the largest block.
 */
export class BlockReader {
  readonly memory: SlotMemory;
  /** Why the last read that gave nothing did so. */
  fault: BlockFault = 'block';
  /** The memory's start, as long as the payload read last: most have the same length, and a new array for each is all that reading would allocate. */
  #payload: Uint8Array;
  readonly #decompressor: BlockDecompressor = new BlockDecompressor();
  #stored: Buffer = Buffer.alloc(0);

  /** @param payloadBytes of the largest block that will be read */
  constructor(payloadBytes: number) {
    this.memory = SlotMemory.allocate(payloadBytes);
    this.#payload = this.memory.u8.subarray(0, payloadBytes);
  }

  /** @returns whether the payload is there, whole, and in the memory; where not, the memory holds rubbish, and `fault` says why. */
  read(file: RandomAccessFile, blocks: BlockTable, row: number): boolean {
    const payloadBytes = blocks.payloadBytes(row);
    if (this.#payload.length !== payloadBytes) {
      this.#payload = this.memory.u8.subarray(0, payloadBytes);
    }
    this.fault = 'block';
    if (blocks.compression(row) !== COMPRESSION_NONE)
      return this.#readCompressed(file, blocks, row);
    if (file.read(this.#payload, blocks.payloadOffset(row)) < payloadBytes) return false;
    return crc32(this.#payload) === blocks.bodyCrc(row);
  }

  /** F16, F17 */
  #readCompressed(file: RandomAccessFile, blocks: BlockTable, row: number): boolean {
    const bodyBytes = blocks.bodyBytes(row);
    const neededBytes = STORED_PREFIX_BYTES + bodyBytes;
    if (this.#stored.length < neededBytes) this.#stored = Buffer.alloc(neededBytes * 2);
    const body = this.#stored.subarray(STORED_PREFIX_BYTES, neededBytes);
    if (file.read(body, blocks.payloadOffset(row)) < bodyBytes) return false;
    if (crc32(body) !== blocks.bodyCrc(row)) return false;
    const stored = this.#stored.subarray(0, STORED_PREFIX_BYTES + blocks.storedBytes(row));
    this.fault = 'payload';
    try {
      return this.#decompressor.decompress(blocks.compression(row), stored, this.#payload);
    } catch (error) {
      if (!isSockflowError(error)) throw error;
      this.fault = 'compression';
      return false;
    }
  }
}

/** Bytes of the largest payload of a table. */
export function largestPayloadBytes(blocks: BlockTable): number {
  return blocks.totals().largestPayloadBytes;
}
