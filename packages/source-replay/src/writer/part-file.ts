import { crc32 } from 'node:zlib';

import { Kind, type Origin } from '@sockflow/core';

import type { BlockCompressor } from '../compression/block-compressor.ts';
import {
  type FrameFields,
  type PartIdentity,
  sealHeader,
  writeFrameFields,
  writeU64,
} from '../format/frame-header.ts';
import { paddedJson } from '../format/json-text.ts';
import {
  ALIGN_BYTES,
  BLOCK,
  BLOCK_HEADER_BYTES,
  COMPRESSION_NONE,
  FrameType,
  MIN_FRAME_HEADER_BYTES,
  TRAILER,
  TRAILER_BYTES,
} from '../format/layout.ts';
import { originText } from '../format/origin-text.ts';
import type { AppendTarget } from './append-target.ts';
import type { BlockBuffer } from './block-buffer.ts';
import { HeaderLog } from './header-log.ts';

/** Origins are written again after this many bytes of blocks (F5). */
const REPEAT_ORIGINS_BYTES = 64 << 20;

/** The frames of one part as they are written: their order, numbers and index (F4, F8, F10). */
export class PartFile {
  readonly #file: AppendTarget;
  readonly #identity: PartIdentity;
  readonly #compressor: BlockCompressor | undefined;
  /** The body of a compressed block: kept, as a writer that allocates for each block is slower. */
  #body: Uint8Array = new Uint8Array(0);
  readonly #headers: HeaderLog = new HeaderLog();
  /** One object for all frames: what a block costs is not to grow with it. */
  readonly #fields: FrameFields = {
    type: 0,
    bodyBytes: 0,
    bodyCrc: 0,
    offset: 0,
    number: 0,
    originNumber: 0,
  };
  readonly #originNumbers = new Map<string, number>();
  #sinceOriginsBytes = 0;
  #blocks = 0;
  #events = 0;
  #markers = 0;

  /** @param compressor - of blocks; `undefined`: they are stored as they are */
  constructor(file: AppendTarget, identity: PartIdentity, compressor?: BlockCompressor) {
    this.#file = file;
    this.#identity = identity;
    this.#compressor = compressor;
  }

  /** Events in blocks written. */
  get events(): number {
    return this.#events;
  }

  get markers(): number {
    return this.#markers;
  }

  get blocks(): number {
    return this.#blocks;
  }

  /** @returns the number of an origin, which is written where it is new. */
  originNumber(origin: Origin): number {
    const text = originText(origin);
    const known = this.#originNumbers.get(text);
    if (known !== undefined) return known;
    const number = this.#originNumbers.size;
    this.#writeOrigin(text, number);
    this.#originNumbers.set(text, number);
    return number;
  }

  /** Writes a block whose statistics are in its header; `payload` is the buffer's own, or memory that is written from where it lies. */
  writeBlock(block: BlockBuffer, payload: Uint8Array, originNumber: number): void {
    if (this.#sinceOriginsBytes >= REPEAT_ORIGINS_BYTES) this.#repeatOrigins();
    const { header, statistics } = block;
    const { slots, markers } = statistics;
    writeU64(header, this.#events, BLOCK.eventsBeforeOffset);
    header.writeUInt32LE(payload.length, BLOCK.payloadBytesOffset);
    header.writeUInt32LE(slots, BLOCK.slotsOffset);
    const body = this.#compressed(header, payload) ?? payload;
    this.#fill(header, FrameType.BLOCK, body, originNumber);
    sealHeader(header, block.checkedHeader);
    if (body.buffer === block.memory.buffer) this.#file.append(block.whole());
    else this.#file.appendBoth(header, body);
    this.#headers.add(header);
    this.#blocks++;
    this.#events += slots - markers;
    this.#markers += markers;
    this.#sinceOriginsBytes += BLOCK_HEADER_BYTES + body.length;
  }

  /** F16: the padded body of a payload that gets smaller, and says so in the header; else the header says that it is stored as it is. */
  #compressed(header: Buffer, payload: Uint8Array): Uint8Array | undefined {
    const stored = this.#compressor?.compress(payload);
    const isSmaller = stored !== undefined && stored.length < payload.length;
    const number = isSmaller ? (this.#compressor?.number ?? COMPRESSION_NONE) : COMPRESSION_NONE;
    header.writeUInt32LE(number, BLOCK.compressionOffset);
    header.writeUInt32LE(isSmaller ? stored.length : payload.length, BLOCK.storedBytesOffset);
    if (!isSmaller) return undefined;
    const bodyBytes = Math.ceil(stored.length / ALIGN_BYTES) * ALIGN_BYTES;
    if (this.#body.length < bodyBytes) this.#body = new Uint8Array(bodyBytes * 2);
    this.#body.set(stored);
    this.#body.fill(0, stored.length, bodyBytes);
    return this.#body.subarray(0, bodyBytes);
  }

  /**
   * Writes a block as it lies in another part: its stored bytes and statistics stay, the place, number and sums in its header become those of this part.
   *
   * @param header changed in place
   */
  writeCopy(header: Buffer, body: Uint8Array, originNumber: number): void {
    if (this.#sinceOriginsBytes >= REPEAT_ORIGINS_BYTES) this.#repeatOrigins();
    const markers =
      header.readUInt32LE(BLOCK.kindCountsOffset + Kind.LOSS_MARKER * 4) +
      header.readUInt32LE(BLOCK.kindCountsOffset + Kind.CLOCK_ANCHOR * 4);
    writeU64(header, this.#events, BLOCK.eventsBeforeOffset);
    this.#fill(header, FrameType.BLOCK, body, originNumber);
    sealHeader(header);
    this.#file.appendBoth(header, body);
    this.#headers.add(header);
    this.#blocks++;
    this.#events += header.readUInt32LE(BLOCK.slotsOffset) - markers;
    this.#markers += markers;
    this.#sinceOriginsBytes += header.length + body.length;
  }

  /** Writes what ends a part: the origins once more, INDEX and TRAILER. */
  writeEnd(): void {
    this.#repeatOrigins();
    const indexOffset = this.#file.sizeBytes;
    const index = this.#headers.concat();
    const header = Buffer.alloc(MIN_FRAME_HEADER_BYTES);
    this.#fill(header, FrameType.INDEX, index, 0);
    sealHeader(header);
    this.#file.appendBoth(header, index);
    this.#headers.add(header);
    const trailer = Buffer.alloc(TRAILER_BYTES);
    trailer.writeUInt32LE(this.#blocks, TRAILER.blocksOffset);
    writeU64(trailer, indexOffset, TRAILER.indexOffset);
    writeU64(trailer, this.#events, TRAILER.eventsOffset);
    writeU64(trailer, this.#markers, TRAILER.markersOffset);
    this.#fill(trailer, FrameType.TRAILER, undefined, 0);
    sealHeader(trailer);
    this.#file.append(trailer);
  }

  #repeatOrigins(): void {
    for (const [text, number] of this.#originNumbers) this.#writeOrigin(text, number);
    this.#sinceOriginsBytes = 0;
  }

  #writeOrigin(text: string, number: number): void {
    const body = paddedJson(text);
    const header = Buffer.alloc(MIN_FRAME_HEADER_BYTES);
    this.#fill(header, FrameType.ORIGIN, body, number);
    sealHeader(header);
    this.#file.appendBoth(header, body);
    this.#headers.add(header);
  }

  #fill(header: Buffer, type: FrameType, body: Uint8Array | undefined, originNumber: number): void {
    const fields = this.#fields;
    fields.type = type;
    fields.bodyBytes = body?.length ?? 0;
    fields.bodyCrc = body === undefined ? 0 : crc32(body);
    fields.offset = this.#file.sizeBytes;
    fields.number = this.#headers.count;
    fields.originNumber = originNumber;
    writeFrameFields(header, fields, this.#identity);
  }
}
