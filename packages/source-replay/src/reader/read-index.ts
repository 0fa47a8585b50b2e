import { crc32 } from 'node:zlib';

import {
  type FrameHeader,
  identityBytes,
  isOfPart,
  parseFrameHeader,
  type PartIdentity,
  readIdentity,
  readU64,
} from '../format/frame-header.ts';
import { FRAME, FrameType, TRAILER, TRAILER_BYTES } from '../format/layout.ts';
import { indexTable } from './index-table.ts';
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
  const own = identity ?? readIdentity(trailer.bytes, FRAME.identityOffset);
  const ownBytes = identityBytes(own);
  if (!isOfPart(trailer, ownBytes)) return undefined;
  const index = readFrameHeader(file, readU64(trailer.bytes, TRAILER.indexOffset));
  if (index === undefined || index.type !== FrameType.INDEX) return undefined;
  if (!isOfPart(index, ownBytes)) return undefined;
  const bodyOffset = index.offset + index.headerBytes;
  if (bodyOffset + index.bodyBytes !== trailerOffset) return undefined;
  const shared = new SharedArrayBuffer(index.bodyBytes);
  const body = Buffer.from(shared);
  if (file.read(body, bodyOffset) < body.length || crc32(body) !== index.bodyCrc) return undefined;
  const frames = new PartFrames(file.path, own);
  const blocks = trailer.bytes.readUInt32LE(TRAILER.blocksOffset);
  const table = indexTable(shared, ownBytes, index.offset, blocks);
  if (table !== undefined) {
    frames.table = table.blocks;
    for (const origin of table.origins) frames.add(origin);
    frames.add(index);
    return frames;
  }
  const headers = parseHeaders(body, index.offset, ownBytes);
  if (headers === undefined) return undefined;
  for (const header of headers) frames.add(header);
  frames.add(index);
  frames.add(trailer);
  return frames;
}

/** @returns the headers in an index; `undefined` where they do not tile the file up to the index. */
function parseHeaders(
  body: Buffer,
  indexOffset: number,
  ownBytes: Buffer,
): FrameHeader[] | undefined {
  const headers: FrameHeader[] = [];
  let end: number | undefined;
  for (let at = 0; at < body.length;) {
    const offset = readU64(body, at + FRAME.offsetOffset);
    const header = parseFrameHeader(body, at, offset, true);
    if (header === undefined || !isOfPart(header, ownBytes)) return undefined;
    if (end !== undefined && offset !== end) return undefined;
    end = offset + header.headerBytes + header.bodyBytes;
    headers.push(header);
    at += header.headerBytes;
  }
  return end === undefined || end === indexOffset ? headers : undefined;
}
