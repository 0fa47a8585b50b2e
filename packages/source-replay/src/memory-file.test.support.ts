import { walkSlots } from '@sockflow/core';

import { originText } from './format/origin-text.ts';
import { slotHex } from './random-slots.test.support.ts';
import { BlockReader, largestPayloadBytes } from './reader/block-reader.ts';
import { describePart, type RecordingPart } from './reader/open-part.ts';
import type { RandomAccessFile } from './reader/random-access-file.ts';

/** A recording in memory, to be cut and spoilt thousands of times. */
export class MemoryFile implements RandomAccessFile {
  readonly path = 'memory.sfrec';
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get sizeBytes(): number {
    return this.#bytes.length;
  }

  read(into: Uint8Array, position: number): number {
    const from = this.#bytes.subarray(position, position + into.length);
    into.set(from);
    return from.length;
  }

  close(): void {}
}

/** What a part gives, block by block. */
export interface PartTake {
  readonly part: RecordingPart;
  /** `origin:hex` of each slot. */
  readonly slots: string[];
  /** Events in blocks that did not match their CRC. */
  readonly badEvents: number;
  readonly badBlocks: number;
}

const reader = new BlockReader(1 << 20);

/** Reads all that a part gives. */
export function takePart(bytes: Uint8Array, isUnfinished = false): PartTake {
  const file = new MemoryFile(bytes);
  const part = describePart(file, isUnfinished);
  const { blocks, origins } = part;
  const slots: string[] = [];
  let badEvents = 0;
  let badBlocks = 0;
  if (largestPayloadBytes(blocks) > 1 << 20) throw new Error('a block larger than was written');
  for (let row = 0; row < blocks.count; row++) {
    const origin = origins.get(blocks.originNumber(row))!;
    if (!reader.read(file, blocks, row)) {
      badEvents += blocks.events(row);
      badBlocks++;
      continue;
    }
    const span = {
      memory: reader.memory,
      startWord: 0,
      endWord: blocks.payloadBytes(row) / 4,
      origin,
      mayBeBusy: false,
      mayHoldOtherLanes: false,
      mayHoldMarkers: true,
      endTimeUs: 0,
    };
    const text = originText(origin);
    walkSlots(span, (word) => slots.push(`${text}:${slotHex(reader.memory, word)}`));
  }
  return { part, slots, badEvents, badBlocks };
}
