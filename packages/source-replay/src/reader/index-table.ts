import { isKnownCompression } from '../compression/compression-options.ts';
import { type FrameHeader, parseFrameHeader } from '../format/frame-header.ts';
import {
  BLOCK,
  BLOCK_HEADER_BYTES,
  FRAME,
  FRAME_MAGIC,
  FrameType,
  MIN_FRAME_HEADER_BYTES,
} from '../format/layout.ts';
import { areCountsSound } from './block-counts.ts';
import { lengthsFit } from './block-lengths.ts';
import { BlockTable } from './block-table.ts';

const IDENTITY_WORDS = 6;

/** What an index holds, where it is as today's writer writes it. */
export interface IndexTable {
  /** All blocks: its headers lie in the index itself. */
  readonly blocks: BlockTable;
  /** All copies of origins, in order. */
  readonly origins: readonly FrameHeader[];
}

/**
 * Takes an index as the table of blocks, where it lies: a recording of 10 GB has 20,000 headers, and an object for each would take longer than reading them.
 *
 * @param body of the INDEX, checked
 * @param own identity of the part, as bytes
 * @param indexOffset where the INDEX is: up to there its headers tile the file
 * @param count blocks that the TRAILER states
 * @returns `undefined` where anything is unusual: then each header is looked at by itself.
 */
export function indexTable(
  body: SharedArrayBuffer,
  own: Buffer,
  indexOffset: number,
  count: number,
): IndexTable | undefined {
  // Each header takes as much: a count that does not fit would only ask for memory.
  if (count * BLOCK_HEADER_BYTES > body.byteLength) return undefined;
  const words = new Uint32Array(body);
  const bytes = Buffer.from(body);
  const ownWords = Uint32Array.from({ length: IDENTITY_WORDS }, (_, at) =>
    own.readUInt32LE(at * 4),
  );
  const rows = new SharedArrayBuffer(count * 4);
  const rowWords = new Uint32Array(rows);
  const origins: FrameHeader[] = [];
  let headerWord = 0;
  // One for all: a function for each header is what a cold loop would spend most of its time on.
  const u32At = (byte: number): number => words[headerWord + byte / 4] ?? 0;
  let row = 0;
  let end: number | undefined;
  for (let word = 0; word < words.length;) {
    const offset = u64At(words, word + FRAME.offsetOffset / 4);
    if (words[word] !== FRAME_MAGIC || !isOwn(words, word, ownWords)) return undefined;
    if (end !== undefined && offset !== end) return undefined;
    const headerBytes = words[word + FRAME.headerBytesOffset / 4] ?? 0;
    const bodyBytes = words[word + FRAME.bodyBytesOffset / 4] ?? 0;
    const type = (words[word + FRAME.typeOffset / 4] ?? 0) & 0xffff;
    if (type === FrameType.BLOCK) {
      headerWord = word;
      if (row === count || !isReadable(u32At, headerBytes, bodyBytes)) return undefined;
      rowWords[row++] = word;
    } else {
      if (type !== FrameType.ORIGIN || headerBytes !== MIN_FRAME_HEADER_BYTES) return undefined;
      const header = parseFrameHeader(bytes, word * 4, offset, true);
      if (header === undefined) return undefined;
      origins.push(header);
    }
    end = offset + headerBytes + bodyBytes;
    word += headerBytes / 4;
  }
  if (row !== count || (end !== undefined && end !== indexOffset)) return undefined;
  return { blocks: new BlockTable({ headers: body, rows }), origins };
}

function isOwn(words: Uint32Array, word: number, own: Uint32Array): boolean {
  const start = word + FRAME.identityOffset / 4;
  for (let at = 0; at < IDENTITY_WORDS; at++) if (words[start + at] !== own[at]) return false;
  return true;
}

function isReadable(
  u32At: (byte: number) => number,
  headerBytes: number,
  bodyBytes: number,
): boolean {
  const compression = u32At(BLOCK.compressionOffset);
  return (
    headerBytes === BLOCK_HEADER_BYTES &&
    isKnownCompression(compression) &&
    lengthsFit(
      compression,
      u32At(BLOCK.payloadBytesOffset),
      u32At(BLOCK.storedBytesOffset),
      bodyBytes,
    ) &&
    areCountsSound(u32At)
  );
}

function u64At(words: Uint32Array, word: number): number {
  return (words[word] ?? 0) + (words[word + 1] ?? 0) * 0x100000000;
}
