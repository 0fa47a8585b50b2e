import { crc32 } from 'node:zlib';

import { SlotMemory } from '@sockflow/core';

import type { BlockTable } from './block-table.ts';
import type { RandomAccessFile } from './random-access-file.ts';

/**
 * Reads payloads straight into slot memory, at a cache line, and checks them.
 *
 * VALID UNTIL the next read: there is one memory, of the size of the largest block.
 */
export class BlockReader {
  readonly memory: SlotMemory;
  /** The memory's start, as long as the payload read last: most have the same length, and a new array for each is all that reading would allocate. */
  #payload: Uint8Array;

  /** @param payloadBytes of the largest block that will be read */
  constructor(payloadBytes: number) {
    this.memory = SlotMemory.allocate(payloadBytes);
    this.#payload = this.memory.u8.subarray(0, payloadBytes);
  }

  /** @returns whether the payload is there and matches its CRC; where not, the memory holds rubbish. */
  read(file: RandomAccessFile, blocks: BlockTable, row: number): boolean {
    const payloadBytes = blocks.payloadBytes(row);
    if (this.#payload.length !== payloadBytes) {
      this.#payload = this.memory.u8.subarray(0, payloadBytes);
    }
    if (file.read(this.#payload, blocks.payloadOffset(row)) < payloadBytes) return false;
    return crc32(this.#payload) === blocks.bodyCrc(row);
  }
}

/** Bytes of the largest payload of a table. */
export function largestPayloadBytes(blocks: BlockTable): number {
  let largest = 0;
  for (let row = 0; row < blocks.count; row++) {
    largest = Math.max(largest, blocks.payloadBytes(row));
  }
  return largest;
}
