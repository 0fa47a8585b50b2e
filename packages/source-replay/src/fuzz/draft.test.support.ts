import { crc32 } from 'node:zlib';

import { sealHeader, writeU64 } from '../format/frame-header.ts';
import { BLOCK, FRAME, FrameType, PREAMBLE, PREAMBLE_BYTES, TRAILER } from '../format/layout.ts';

/** A frame that is being changed. */
export interface DraftFrame {
  header: Buffer;
  body: Buffer;
}

/** What is made right again when a draft becomes a file; without it a change shows as damage only. */
export interface Seal {
  readonly bodies: boolean;
  readonly offsets: boolean;
  readonly index: boolean;
  readonly headers: boolean;
  readonly preamble: boolean;
}

/** A recording taken apart, so that it can be changed and put together with right checksums: deep parts of a reader see only what passes those. */
export class Draft {
  preamble: Buffer;
  descriptor: Buffer;
  frames: DraftFrame[];

  /** @param file a whole recording */
  constructor(file: Buffer) {
    const headerBytes = file.readUInt32LE(PREAMBLE.headerBytesOffset);
    this.preamble = Buffer.from(file.subarray(0, PREAMBLE_BYTES));
    this.descriptor = Buffer.from(file.subarray(PREAMBLE_BYTES, headerBytes));
    this.frames = [];
    for (let at = headerBytes; at < file.length;) {
      const bodyAt = at + file.readUInt32LE(at + FRAME.headerBytesOffset);
      const end = bodyAt + file.readUInt32LE(at + FRAME.bodyBytesOffset);
      this.frames.push({
        header: Buffer.from(file.subarray(at, bodyAt)),
        body: Buffer.from(file.subarray(bodyAt, end)),
      });
      at = end;
    }
  }

  /** The frame of this number, of a type where one is given; counted round. */
  frame(number: number, type?: number): DraftFrame | undefined {
    const own =
      type === undefined ? this.frames : this.frames.filter((frame) => typeOf(frame) === type);
    return own[number % Math.max(1, own.length)];
  }

  /** Puts another text in place of a JSON body, padded as a writer does. */
  setText(frame: DraftFrame | 'descriptor', text: string): void {
    const bytes = Buffer.from(text);
    const padded = Buffer.alloc(Math.ceil(bytes.length / 64) * 64, ' ');
    bytes.copy(padded);
    if (frame === 'descriptor') {
      this.descriptor = padded;
      this.preamble.writeUInt32LE(PREAMBLE_BYTES + padded.length, PREAMBLE.headerBytesOffset);
      this.preamble.writeUInt32LE(bytes.length, PREAMBLE.descriptorBytesOffset);
      return;
    }
    frame.body = padded;
    frame.header.writeUInt32LE(padded.length, FRAME.bodyBytesOffset);
  }

  toFile(seal: Seal): Buffer {
    if (seal.preamble) this.#sealPreamble();
    if (seal.index) this.#rebuildIndex();
    let at = this.preamble.length + this.descriptor.length;
    for (const { header, body } of this.frames) {
      if (header.length >= 64) {
        if (seal.offsets) writeU64(header, at, FRAME.offsetOffset);
        if (seal.bodies) header.writeUInt32LE(crc32(body), FRAME.bodyCrcOffset);
        if (seal.headers) sealHeader(header);
      }
      at += header.length + body.length;
    }
    if (seal.index) this.#fillIndex(seal);
    const pieces = this.frames.flatMap(({ header, body }) => [header, body]);
    return Buffer.concat([this.preamble, this.descriptor, ...pieces]);
  }

  #sealPreamble(): void {
    this.preamble.writeUInt32LE(crc32(this.descriptor), PREAMBLE.descriptorCrcOffset);
    const checked = this.preamble.subarray(0, PREAMBLE.crcOffset);
    this.preamble.writeUInt32LE(crc32(checked), PREAMBLE.crcOffset);
  }

  /** Gives the index its length, so that offsets behind it are known; what it says is filled in at the end. */
  #rebuildIndex(): void {
    const index = this.frames.findIndex((frame) => typeOf(frame) === FrameType.INDEX);
    const frame = this.frames[index];
    if (frame === undefined) return;
    const headers = this.frames.slice(0, index).map(({ header }) => header);
    const blocks = this.frames.filter((other) => typeOf(other) === FrameType.BLOCK).length;
    frame.body = Buffer.alloc(headers.reduce((sum, { length }) => sum + length, 0));
    frame.header.writeUInt32LE(frame.body.length, FRAME.bodyBytesOffset);
    const trailer = this.frames.at(-1);
    if (trailer !== undefined && trailer.header.length >= 128) {
      trailer.header.writeUInt32LE(blocks, TRAILER.blocksOffset);
    }
  }

  #fillIndex(seal: Seal): void {
    const index = this.frames.findIndex((frame) => typeOf(frame) === FrameType.INDEX);
    const frame = this.frames[index];
    const trailer = this.frames.at(-1);
    if (frame === undefined || trailer === undefined) return;
    Buffer.concat(this.frames.slice(0, index).map(({ header }) => header)).copy(frame.body);
    if (seal.bodies) frame.header.writeUInt32LE(crc32(frame.body), FRAME.bodyCrcOffset);
    if (typeOf(trailer) === FrameType.TRAILER && seal.offsets) {
      frame.header.copy(
        trailer.header,
        TRAILER.indexOffset,
        FRAME.offsetOffset,
        FRAME.offsetOffset + 8,
      );
    }
    if (!seal.headers) return;
    sealHeader(frame.header);
    sealHeader(trailer.header);
  }
}

/** The type of a frame that a draft holds; 0 where its header was cut. */
export function typeOf({ header }: DraftFrame): number {
  return header.length >= 64 ? header.readUInt16LE(FRAME.typeOffset) : 0;
}

/** Words at which the slots of a block's payload begin. */
export function slotOffsets(body: Buffer): number[] {
  const offsets: number[] = [];
  for (let at = 0; at + 256 <= body.length;) {
    offsets.push(at);
    const bytes = (body.readUInt32LE(at) & 0x3fffffff) + 8;
    if (bytes < 256 || bytes % 64 !== 0) break;
    at += bytes;
  }
  return offsets;
}

/** States the payload's length in a block's header, after the body was changed. */
export function restateLength({ header, body }: DraftFrame): void {
  header.writeUInt32LE(body.length, FRAME.bodyBytesOffset);
  if (header.length < 832) return;
  // A compressed payload stays as long as it was said to be.
  if (header.readUInt32LE(BLOCK.compressionOffset) === 0) {
    header.writeUInt32LE(body.length, BLOCK.payloadBytesOffset);
  }
  header.writeUInt32LE(body.length, BLOCK.storedBytesOffset);
}
