/*
 * Reads one part of a recording block by block, for whoever gives what lies there on to somebody else, in its order and at its own pace. In the reader's thread, synchronous.
 */
import type { Origin, SlotMemory } from '@sockflow/core';

import { BlockReader, largestPayloadBytes } from './block-reader.ts';
import { openPart, type RecordingPart } from './open-part.ts';
import type { PartDamage } from './part-frames.ts';
import { DiskFile } from './random-access-file.ts';

/** A block as it was read. VALID UNTIL the next one is read. */
export interface ReadBlock {
  readonly memory: SlotMemory;
  readonly payloadBytes: number;
  readonly origin: Origin;
  readonly endTimeUs: number;
}

/** The whole blocks of a part, in their order; of one that is still written, those that were there when it was opened. */
export class PartBlocks {
  readonly #part: RecordingPart;
  readonly #file: DiskFile;
  readonly #reader: BlockReader;

  private constructor(part: RecordingPart, file: DiskFile) {
    this.#part = part;
    this.#file = file;
    this.#reader = new BlockReader(largestPayloadBytes(part.blocks));
  }

  /** @throws as `openRecording` */
  static open(path: string, isUnfinished: boolean): PartBlocks {
    const part = openPart(path, isUnfinished);
    return new PartBlocks(part, DiskFile.open(path));
  }

  get count(): number {
    return this.#part.blocks.count;
  }

  get sizeBytes(): number {
    return this.#part.sizeBytes;
  }

  /** Bytes of a torn end: of an unfinished part only, a finished one ended whole. */
  get tornBytes(): number {
    const torn = this.#part.damage.filter((damage) => this.#isTornEnd(damage));
    return torn.reduce((sum, { startOffset, endOffset }) => sum + endOffset - startOffset, 0);
  }

  /** Events, as far as is known, at places that are no block any more, a torn end left out; `undefined` where there are no such places. */
  get lostEvents(): number | undefined {
    const lost = this.#part.damage.filter(
      (damage) => damage.events !== 0 && !this.#isTornEnd(damage),
    );
    if (lost.length === 0) return undefined;
    return lost.reduce((sum, { events }) => sum + (events ?? 0), 0);
  }

  /** Slots of a block, markers among them. */
  slots(row: number): number {
    return this.#part.blocks.slots(row);
  }

  events(row: number): number {
    return this.#part.blocks.events(row);
  }

  #isTornEnd({ endOffset }: PartDamage): boolean {
    return this.#part.isUnfinished && endOffset >= this.#part.sizeBytes;
  }

  /** @returns `undefined` where the block does not match its checksum. */
  read(row: number): ReadBlock | undefined {
    const { blocks, origins } = this.#part;
    const origin = origins.get(blocks.originNumber(row));
    if (origin === undefined || !this.#reader.read(this.#file, blocks, row)) return undefined;
    return {
      memory: this.#reader.memory,
      payloadBytes: blocks.payloadBytes(row),
      origin,
      endTimeUs: blocks.lastTimeUs(row),
    };
  }

  close(): void {
    this.#file.close();
  }
}
