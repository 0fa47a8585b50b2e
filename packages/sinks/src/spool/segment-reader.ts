import { existsSync, readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';

import { Kind, type LentBatch, lendBatch, type SlotMemory, walkSlots } from '@sockflow/core';
import { PartBlocks, type ReadBlock } from '@sockflow/source-replay/part-blocks';
import { UNFINISHED_SUFFIX } from '@sockflow/source-replay/part-names';

import { unpackWhole } from '../encodings/msgpack/msgpack-whole.ts';
import { FRAME_HEADER_BYTES, type SegmentKind, VALUES_MAGIC } from './layout.ts';

const MAX_CHUNK_SLOTS = 1024;
const KIND_WORD = 2;

/** A run of items of a segment, as a sink is given it. */
export interface Chunk {
  /** A batch or a value. VALID UNTIL `release`. */
  readonly input: unknown;
  readonly items: number;
  readonly events: number;
  release(): void;
}

/** What cannot be read, and lies between what can. */
export interface UnreadableChunk {
  readonly input: undefined;
  readonly items: number;
  readonly events: number;
}

/** Reads one segment from one of its items on. */
export interface SegmentReader {
  readonly items: number;
  readonly events: number;
  readonly sizeBytes: number;
  /** Bytes of a torn end (Q6). */
  readonly tornBytes: number;
  /** Events, as far as is known, at places for which no item stands any more; `undefined` where there are none. */
  readonly lostEvents: number | undefined;
  /** So many of its first items have the numbers that they were written with: behind them some may be missing. */
  readonly sureItems: number;
  /** From the item at `index`, counted in the segment; `undefined` at the end. */
  chunkAt(index: number): Chunk | UnreadableChunk | undefined;
  close(): void;
}

/** Opens a segment under its final or its unfinished name. */
export function openSegmentReader(kind: SegmentKind, path: string): SegmentReader {
  const isFinished = existsSync(path);
  const found = isFinished ? path : path + UNFINISHED_SUFFIX;
  return kind === 'batches'
    ? new BatchesReader(PartBlocks.open(found, !isFinished))
    : new ValuesReader(found, !isFinished);
}

class BatchesReader implements SegmentReader {
  readonly items: number;
  readonly events: number;
  readonly #blocks: PartBlocks;
  /** The first item of each block, and the end of the last. */
  readonly #starts: number[];
  #row: number;
  #block: ReadBlock | undefined;
  #slots: readonly number[];

  constructor(blocks: PartBlocks) {
    this.#blocks = blocks;
    this.#starts = [0];
    this.#row = -1;
    this.#block = undefined;
    this.#slots = [];
    let items = 0;
    let events = 0;
    for (let row = 0; row < blocks.count; row++) {
      items += blocks.slots(row);
      events += blocks.events(row);
      this.#starts.push(items);
    }
    this.items = items;
    this.events = events;
  }

  get sizeBytes(): number {
    return this.#blocks.sizeBytes;
  }

  get tornBytes(): number {
    return this.#blocks.tornBytes;
  }

  get lostEvents(): number | undefined {
    return this.#blocks.lostEvents;
  }

  get sureItems(): number {
    return this.lostEvents === undefined ? this.items : 0;
  }

  chunkAt(index: number): Chunk | UnreadableChunk | undefined {
    if (index >= this.items) return undefined;
    // The first block that ends behind the item.
    let row = Math.max(0, this.#row);
    if ((this.#starts[row] ?? 0) > index) row = 0;
    while ((this.#starts[row + 1] ?? this.items) <= index) row++;
    this.#enter(row);
    const start = this.#starts[row] ?? 0;
    const end = this.#starts[row + 1] ?? this.items;
    const block = this.#block;
    if (block === undefined || this.#slots.length !== end - start)
      return { input: undefined, items: end - index, events: this.#blocks.events(row) };
    return chunkOf(block, this.#slots.slice(index - start, index - start + MAX_CHUNK_SLOTS));
  }

  close(): void {
    this.#blocks.close();
  }

  #enter(row: number): void {
    if (row === this.#row) return;
    this.#row = row;
    this.#block = this.#blocks.read(row);
    this.#slots = this.#block === undefined ? [] : slotsOf(this.#block);
  }
}

/** Where each slot of a block begins. */
function slotsOf({ memory, payloadBytes, origin }: ReadBlock): number[] {
  const words: number[] = [];
  const span = {
    memory,
    startWord: 0,
    endWord: payloadBytes / 4,
    origin,
    mayBeBusy: false,
    mayHoldOtherLanes: false,
    mayHoldMarkers: true,
    endTimeUs: 0,
  };
  walkSlots(span, (word) => words.push(word));
  return words;
}

function chunkOf({ memory, origin, endTimeUs }: ReadBlock, slots: readonly number[]): Chunk {
  const words = Uint32Array.from(slots.filter((word) => !isMarker(memory, word)));
  const markerWords = Uint32Array.from(slots.filter((word) => isMarker(memory, word)));
  const selection = {
    memory,
    words,
    size: words.length,
    markerWords,
    markerCount: markerWords.length,
  };
  const lent: LentBatch = lendBatch(selection, origin, endTimeUs);
  return {
    input: lent.batch,
    items: slots.length,
    events: words.length,
    release: () => lent.release(),
  };
}

function isMarker({ u32 }: SlotMemory, word: number): boolean {
  const kind = (u32[word + KIND_WORD] ?? 0) & 0xff;
  return kind === Kind.LOSS_MARKER || kind === Kind.CLOCK_ANCHOR;
}

/** Where a frame lies, or what was one. */
interface Frame {
  readonly offset: number;
  readonly end: number;
  readonly isWhole: boolean;
}

/** A segment of values is read whole: it has at most a few MiB more than a segment may. */
class ValuesReader implements SegmentReader {
  readonly #bytes: Buffer;
  readonly #frames: Frame[];
  readonly tornBytes: number;
  readonly lostEvents: number | undefined;
  readonly sureItems: number;

  constructor(path: string, isUnfinished: boolean) {
    const bytes = readFileSync(path);
    const isHeadless = !bytes.subarray(0, VALUES_MAGIC.length).equals(VALUES_MAGIC);
    this.#bytes = bytes;
    this.#frames = [];
    let sureItems: number | undefined;
    let offset: number = VALUES_MAGIC.length;
    while (offset < bytes.length) {
      const next = isWholeAt(bytes, offset) ? claimedEnd(bytes, offset) : wholeAfter(bytes, offset);
      if (next === undefined && isUnfinished) break;
      const end = next ?? bytes.length;
      if (!this.#addFrames(offset, end)) sureItems ??= this.#frames.length - 1;
      offset = end;
    }
    this.tornBytes = isUnfinished ? Math.max(0, bytes.length - offset) : 0;
    this.lostEvents = isHeadless && !(isUnfinished && this.items === 0) ? 0 : undefined;
    this.sureItems = sureItems ?? this.items;
  }

  get items(): number {
    return this.#frames.length;
  }

  get events(): number {
    return this.items;
  }

  get sizeBytes(): number {
    return this.#bytes.length;
  }

  chunkAt(index: number): Chunk | UnreadableChunk | undefined {
    const frame = this.#frames[index];
    if (frame === undefined) return undefined;
    if (!frame.isWhole) return { input: undefined, items: 1, events: 1 };
    const bytes = this.#bytes.subarray(frame.offset + FRAME_HEADER_BYTES, frame.end);
    return {
      input: unpackWhole(bytes),
      items: 1,
      events: 1,
      release: () => {},
    };
  }

  close(): void {
    // Nothing is open.
  }

  /** The frames between two places, by their lengths. @returns whether these lead from one to the other */
  #addFrames(from: number, to: number): boolean {
    let offset = from;
    while (offset < to) {
      const claimed = claimedEnd(this.#bytes, offset);
      const isSure = claimed !== undefined && claimed <= to;
      const end = isSure ? claimed : to;
      this.#frames.push({ offset, end, isWhole: isWholeAt(this.#bytes, offset) });
      if (!isSure) return false;
      offset = end;
    }
    return true;
  }
}

/** Where a frame ends by its length; `undefined` where that cannot be so. No value has no bytes. */
function claimedEnd(bytes: Buffer, offset: number): number | undefined {
  const start = offset + FRAME_HEADER_BYTES;
  if (start >= bytes.length) return undefined;
  const end = start + bytes.readUInt32LE(offset);
  return end > start && end <= bytes.length ? end : undefined;
}

function isWholeAt(bytes: Buffer, offset: number): boolean {
  const end = claimedEnd(bytes, offset);
  if (end === undefined) return false;
  return crc32(bytes.subarray(offset + FRAME_HEADER_BYTES, end)) === bytes.readUInt32LE(offset + 4);
}

/** Where the next whole frame begins behind one that is not: where that one says it ends, or else, its length being damaged too, wherever one is. */
function wholeAfter(bytes: Buffer, offset: number): number | undefined {
  const claimed = claimedEnd(bytes, offset);
  if (claimed !== undefined && isWholeAt(bytes, claimed)) return claimed;
  for (let place = offset + 1; place + FRAME_HEADER_BYTES < bytes.length; place++)
    if (isWholeAt(bytes, place)) return place;
  return undefined;
}
