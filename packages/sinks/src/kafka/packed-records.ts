import { type Batch, Kind, LENGTH_MASK, RING_HEADER_BYTES } from '@sockflow/core';

import type { Place, Places } from './places.ts';
import type { EncodedHeaders } from './record-batch.ts';
import { OriginHeaders } from './record-headers.ts';
import { RECORD_OVERHEAD_BYTES, type RecordMaker } from './record-maker.ts';
import type { RequestQueue } from './request-queue.ts';
import type { Request } from './request.ts';

const FIRST_WORDS = 4096;
const KIND_WORD = 2;

/** How packed records are written. */
export interface PackedRecordsOptions {
  readonly maxRecordBytes: number;
  readonly partitions: number;
  readonly lane: number;
  readonly lanes: number;
}

/** A record that is being filled: slots of one origin for one partition. */
interface Pack {
  readonly request: Request;
  readonly headers: EncodedHeaders;
  words: Uint32Array<ArrayBuffer>;
  usedWords: number;
}

/**
 * Many events in a record: whole slots as they lie in memory, each copied once into the record of its partition. A record is complete when its request goes, when it is full, and where the origin changes.
 *
 * Slots go only into the queue's last request: so requests hold the events in the order they were given, whatever their partitions are.
 */
export class PackedRecords implements RecordMaker {
  readonly #queue: RequestQueue;
  readonly #places: Places;
  readonly #options: PackedRecordsOptions;
  readonly #headersOf: OriginHeaders;
  readonly #maxWords: number;
  /** By partition. */
  readonly #packs: (Pack | undefined)[];
  /** Of packs that are complete. */
  readonly #spareWords: Uint32Array<ArrayBuffer>[];

  constructor(queue: RequestQueue, places: Places, options: PackedRecordsOptions) {
    this.#queue = queue;
    this.#places = places;
    this.#options = options;
    this.#headersOf = new OriginHeaders('slots/1');
    this.#maxWords = Math.floor(options.maxRecordBytes / 4);
    this.#packs = Array.from({ length: options.partitions }, () => undefined);
    this.#spareWords = [];
  }

  add(input: unknown): void {
    const batch = input as Batch;
    const { raw } = batch;
    const headers = this.#headersOf.of(batch.origin);
    if (raw.markerCount === 0) {
      this.#addEvents(batch, 0, raw.size, headers);
      return;
    }
    let start = 0;
    for (const [index, marker] of batch.markers.entries()) {
      this.#addEvents(batch, start, marker.beforeIndex, headers);
      start = marker.beforeIndex;
      this.#addMarker(batch, raw.markerWords[index]!, headers);
    }
    this.#addEvents(batch, start, raw.size, headers);
  }

  complete(request: Request): void {
    for (let partition = 0; partition < this.#packs.length; partition++)
      if (this.#packs[partition]?.request === request) this.#complete(partition);
  }

  #addEvents(batch: Batch, start: number, end: number, headers: EncodedHeaders): void {
    const { memory, words } = batch.raw;
    const { origin } = batch;
    const isKeyless = this.#places.isKeyless;
    for (let index = start; index < end; index++) {
      const place: Place | undefined = isKeyless
        ? undefined
        : this.#places.ofEvent(batch.at(index), origin);
      const partition = place === undefined ? this.#queue.keylessPartition : place.partition;
      this.#addSlot(memory.u32, words[index]!, partition, headers, 1);
    }
  }

  /** A loss marker in its origin's partition, a clock anchor in each of this lane's share. */
  #addMarker(batch: Batch, word: number, headers: EncodedHeaders): void {
    const { u32 } = batch.raw.memory;
    if ((u32[word + KIND_WORD]! & 0xff) !== Kind.CLOCK_ANCHOR) {
      const { partition } = this.#places.ofText(batch.origin.id)!;
      this.#addSlot(u32, word, partition, headers, 0);
      return;
    }
    const { lane, lanes, partitions } = this.#options;
    for (let partition = lane; partition < partitions; partition += lanes)
      this.#addSlot(u32, word, partition, headers, 0);
  }

  #addSlot(
    from: Uint32Array,
    word: number,
    partition: number,
    headers: EncodedHeaders,
    count: number,
  ): void {
    const slotWords = ((from[word]! & LENGTH_MASK) + RING_HEADER_BYTES) >>> 2;
    const pack = this.#packFor(partition, slotWords, headers);
    const to = pack.words;
    const start = pack.usedWords;
    for (let index = 2; index < slotWords; index++) to[start + index] = from[word + index]!;
    to[start] = from[word]! & LENGTH_MASK;
    // The page offset is the kernel's own.
    to[start + 1] = 0;
    pack.usedWords = start + slotWords;
    this.#queue.take(pack.request, partition, slotWords * 4, count);
  }

  /** The partition's record with room for the slot in it. */
  #packFor(partition: number, slotWords: number, headers: EncodedHeaders): Pack {
    const pack = this.#packs[partition];
    if (pack !== undefined) {
      const usedWords = pack.usedWords + slotWords;
      const isFitting = pack.headers === headers && usedWords <= this.#maxWords;
      if (isFitting && this.#queue.requestFor(partition, slotWords * 4) === pack.request) {
        if (usedWords > pack.words.length) grow(pack, Math.min(this.#maxWords, usedWords * 2));
        return pack;
      }
      this.#complete(partition);
    }
    return this.#begin(partition, slotWords, headers);
  }

  #begin(partition: number, slotWords: number, headers: EncodedHeaders): Pack {
    const overheadBytes = RECORD_OVERHEAD_BYTES + headers.length;
    const request = this.#queue.requestFor(partition, overheadBytes + slotWords * 4);
    this.#queue.take(request, partition, overheadBytes, 0);
    let words = this.#spareWords.pop();
    if (words === undefined || words.length < slotWords)
      words = new Uint32Array(Math.max(slotWords, Math.min(FIRST_WORDS, this.#maxWords)));
    const pack = { request, headers, words, usedWords: 0 };
    this.#packs[partition] = pack;
    return pack;
  }

  #complete(partition: number): void {
    const pack = this.#packs[partition];
    if (pack === undefined) return;
    const { request, headers, words, usedWords } = pack;
    const values = Buffer.from(words.buffer);
    this.#queue.addTo(request, partition, undefined, values, 0, usedWords * 4, headers);
    this.#packs[partition] = undefined;
    this.#spareWords.push(words);
  }
}

function grow(pack: Pack, words: number): void {
  const larger = new Uint32Array(words);
  larger.set(pack.words.subarray(0, pack.usedWords));
  pack.words = larger;
}
