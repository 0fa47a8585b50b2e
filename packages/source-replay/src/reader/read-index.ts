import { crc32 } from 'node:zlib';

import {
  type FrameHeader,
  isSamePart,
  parseFrameHeader,
  type PartIdentity,
  readU64,
} from '../format/frame-header.ts';
import { FRAME, FrameType, TRAILER, TRAILER_BYTES } from '../format/layout.ts';
import { PartFrames } from './part-frames.ts';
import type { RandomAccessFile } from './random-access-file.ts';
import { readFrameHeader } from './read-frame-header.ts';

/**
 * Takes a part's frames from its index (F10).
 *
 * @param identity `undefined` where the file header is damaged
 * @returns `undefined` where there is no index, or it is not whole: then the frames are scanned.
 */
export function readIndex(
  file: RandomAccessFile,
  identity: PartIdentity | undefined,
): PartFrames | undefined {
  const trailerOffset = file.sizeBytes - TRAILER_BYTES;
  if (trailerOffset <= 0) return undefined;
  const trailer = readFrameHeader(file, trailerOffset);
  if (trailer === undefined || trailer.type !== FrameType.TRAILER) return undefined;
  if (identity !== undefined && !isSamePart(trailer.identity, identity)) return undefined;
  const index = readFrameHeader(file, readU64(trailer.bytes, TRAILER.indexOffset));
  if (index === undefined || index.type !== FrameType.INDEX) return undefined;
  const bodyOffset = index.offset + index.headerBytes;
  if (bodyOffset + index.bodyBytes !== trailerOffset) return undefined;
  const body = Buffer.alloc(index.bodyBytes);
  if (file.read(body, bodyOffset) < body.length || crc32(body) !== index.bodyCrc) return undefined;
  const frames = new PartFrames(file.path, trailer.identity);
  const headers = parseHeaders(body, index);
  if (headers === undefined) return undefined;
  for (const header of headers) frames.add(header);
  frames.add(index);
  frames.add(trailer);
  return frames;
}

/** @returns the headers in an index; `undefined` where they do not tile the file up to the index. */
function parseHeaders(body: Buffer, index: FrameHeader): FrameHeader[] | undefined {
  const headers: FrameHeader[] = [];
  let end: number | undefined;
  for (let at = 0; at < body.length;) {
    const offset = readU64(body, at + FRAME.offsetOffset);
    const header = parseFrameHeader(body, at, offset);
    if (header === undefined || !isSamePart(header.identity, index.identity)) return undefined;
    if (end !== undefined && offset !== end) return undefined;
    end = offset + header.headerBytes + header.bodyBytes;
    headers.push(header);
    at += header.headerBytes;
  }
  return end === undefined || end === index.offset ? headers : undefined;
}
