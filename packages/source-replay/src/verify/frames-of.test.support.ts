import { readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';

import type { BlockCompression } from '../compression/compression-options.ts';
import { readU64, sealHeader, writeU64 } from '../format/frame-header.ts';
import { FRAME, FrameType, PREAMBLE } from '../format/layout.ts';
import { MemoryFile } from '../memory-file.test.support.ts';
import { ORIGIN_A, ORIGIN_B, randomSlots } from '../random-slots.test.support.ts';
import { RecordingWriter } from '../writer/recording-writer.ts';
import type { FormatFinding } from './invariants.ts';
import { PartCheck } from './part-check.ts';

/** A frame taken apart, to be changed. */
export interface LooseFrame {
  header: Buffer;
  body: Buffer;
  /** What stands in the file before it: nothing, if the file is right. */
  before: Buffer;
}

/** A part taken apart: change what you like, then `assembled` gives it checksums, offsets, numbers and an index that fit. */
export interface LoosePart {
  fileHeader: Buffer;
  frames: LooseFrame[];
}

export function takenApart(bytes: Buffer): LoosePart {
  const headerBytes = bytes.readUInt32LE(PREAMBLE.headerBytesOffset);
  const frames: LooseFrame[] = [];
  for (let at = headerBytes; at < bytes.length;) {
    const bodyAt = at + bytes.readUInt32LE(at + FRAME.headerBytesOffset);
    const end = bodyAt + bytes.readUInt32LE(at + FRAME.bodyBytesOffset);
    frames.push({
      header: Buffer.from(bytes.subarray(at, bodyAt)),
      body: Buffer.from(bytes.subarray(bodyAt, end)),
      before: Buffer.alloc(0),
    });
    at = end;
  }
  return { fileHeader: Buffer.from(bytes.subarray(0, headerBytes)), frames };
}

export function typeOf({ header }: LooseFrame): number {
  return header.readUInt16LE(FRAME.typeOffset);
}

export function framesOf(part: LoosePart, type: number): LooseFrame[] {
  return part.frames.filter((frame) => typeOf(frame) === type);
}

/** Called for each frame once all of it fits, its header's CRC excepted: what is changed then is what a lying writer would have written. */
export type Lie = (frame: LooseFrame, index: number) => void;

/** The part's bytes, with everything made right that follows from its frames, but for what `lie` then changes. */
export function assembled(part: LoosePart, lie: Lie = () => {}): Buffer {
  const { fileHeader, frames } = part;
  fileHeader.writeUInt32LE(crc32(fileHeader.subarray(0, PREAMBLE.crcOffset)), PREAMBLE.crcOffset);
  const pieces: Buffer[] = [fileHeader];
  const headers: Buffer[] = [];
  let offset = fileHeader.length;
  for (const [index, frame] of frames.entries()) {
    const { header, before } = frame;
    offset += before.length;
    if (typeOf(frame) === FrameType.INDEX) frame.body = Buffer.concat(headers);
    header.writeUInt32LE(frame.body.length, FRAME.bodyBytesOffset);
    header.writeUInt32LE(frame.body.length === 0 ? 0 : crc32(frame.body), FRAME.bodyCrcOffset);
    writeU64(header, offset, FRAME.offsetOffset);
    header.writeUInt32LE(index, FRAME.numberOffset);
    if (typeOf(frame) === FrameType.TRAILER) {
      const indexFrame = frames.find((other) => typeOf(other) === FrameType.INDEX);
      if (indexFrame !== undefined)
        writeU64(header, readU64(indexFrame.header, FRAME.offsetOffset), 64);
    }
    lie(frame, index);
    sealHeader(header);
    headers.push(Buffer.from(header));
    pieces.push(before, header, frame.body);
    offset += header.length + frame.body.length;
  }
  return Buffer.concat(pieces);
}

/** Blocks of random slots of two origins, markers among them. */
export function recordingOf(
  path: string,
  laneGroups: number,
  seed = 1,
  count = 12,
  compression: BlockCompression = 'none',
): Buffer {
  const writer = RecordingWriter.create(path, { laneGroups, compression });
  for (const [index, origin] of [ORIGIN_A, ORIGIN_A, ORIGIN_B, ORIGIN_A].entries()) {
    const slots = randomSlots({
      count,
      seed: seed + index,
      markerEvery: 4,
      longEvery: 3,
      ...(compression === 'none' ? {} : { values: 2 }),
    });
    writer.appendSlots(slots.memory, 0, slots.endWord, origin);
    writer.flush();
  }
  writer.close();
  return readFileSync(path);
}

/** What is found in a part's bytes. */
export function findingsOf(bytes: Buffer, isUnfinished = false): FormatFinding[] {
  const findings: FormatFinding[] = [];
  new PartCheck(new MemoryFile(bytes), {
    onFinding: (finding) => findings.push(finding),
    onProgress: () => {},
  }).check(isUnfinished);
  return findings;
}

/** Adds to a u32 of a frame's header. */
export function add(frame: LooseFrame, offset: number, by: number): void {
  frame.header.writeUInt32LE((frame.header.readUInt32LE(offset) + by) >>> 0, offset);
}
