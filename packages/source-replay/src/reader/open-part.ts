import { crc32 } from 'node:zlib';

import type { Origin } from '@sockflow/core';

import { type FrameHeader, parseFrameHeader, type PartIdentity } from '../format/frame-header.ts';
import { PREAMBLE_BYTES } from '../format/layout.ts';
import { parseOrigin } from '../format/origin-text.ts';
import { BlockTable } from './block-table.ts';
import { blockEvents, type PartDamage, type PartFrames } from './part-frames.ts';
import { DiskFile, type RandomAccessFile } from './random-access-file.ts';
import { endsWithinHeader, readFileHeader } from './read-file-header.ts';
import { readIndex } from './read-index.ts';
import { scanFrames } from './scan-frames.ts';

/** What is known of one part without reading its blocks. */
export interface RecordingPart {
  readonly path: string;
  readonly sizeBytes: number;
  /** 32 hexadecimal digits; empty where it {@link isHeaderless}. */
  readonly recordingId: string;
  readonly part: number;
  readonly parts: number;
  /** Name and version of what wrote it; `undefined` where the file header is damaged. */
  readonly creator: string | undefined;
  readonly laneGroups: number;
  /** Whether it still has its unfinished name. */
  readonly isUnfinished: boolean;
  /** Whether it is unfinished and ends within its file header: nothing was ever written to it that counted. */
  readonly isHeaderless: boolean;
  /** Whether its frames were taken from its index. */
  readonly hasIndex: boolean;
  readonly blocks: BlockTable;
  readonly origins: ReadonlyMap<number, Origin>;
  readonly damage: readonly PartDamage[];
  readonly notes: readonly string[];
}

/** Opens a part on disk, reads what it says of itself, and closes it. */
export function openPart(path: string, isUnfinished: boolean): RecordingPart {
  const file = DiskFile.open(path);
  try {
    return describePart(file, isUnfinished);
  } finally {
    file.close();
  }
}

/** What a part says of itself: from its index, or by scanning its frames. */
export function describePart(file: RandomAccessFile, isUnfinished: boolean): RecordingPart {
  if (isUnfinished && endsWithinHeader(file)) return headerlessPart(file);
  const { preamble, descriptor, isDamaged } = readFileHeader(file);
  const indexed = readIndex(file, preamble?.identity);
  const frames = indexed ?? scanFrames(file, preamble?.headerBytes, preamble?.identity);
  const { origins, spoilt } = readOrigins(file, frames.origins);
  const damage = [...frames.damage(), ...spoilt];
  const notes: string[] = [];
  if (isDamaged) damage.push(damagedHeader(file, preamble?.headerBytes ?? PREAMBLE_BYTES));
  noteMissingEnd(file, frames, { isUnfinished, hasIndex: indexed !== undefined, damage, notes });
  const { blocks, lost } = blocksOf(frames, origins);
  return {
    path: file.path,
    sizeBytes: file.sizeBytes,
    ...partOf(frames.identity),
    creator: descriptor?.creator,
    laneGroups: preamble?.laneGroups ?? 1,
    isUnfinished,
    isHeaderless: false,
    hasIndex: indexed !== undefined,
    blocks,
    origins,
    damage: [...damage, ...lost].toSorted((one, other) => one.startOffset - other.startOffset),
    notes,
  };
}

/** What a writer leaves that ends before it wrote a block: one that was killed, or that found no room. */
function headerlessPart({ path, sizeBytes }: RandomAccessFile): RecordingPart {
  return {
    path,
    sizeBytes,
    recordingId: '',
    part: 0,
    parts: 1,
    creator: undefined,
    laneGroups: 1,
    isUnfinished: true,
    isHeaderless: true,
    hasIndex: false,
    blocks: BlockTable.allocate(0),
    origins: new Map(),
    damage: [],
    notes: [
      `'${path}' holds no event: it ends within its file header, after ${sizeBytes} byte${sizeBytes === 1 ? '' : 's'}`,
    ],
  };
}

function partOf({ recordingId, part, parts }: PartIdentity): {
  recordingId: string;
  part: number;
  parts: number;
} {
  return { recordingId, part, parts };
}

function noteMissingEnd(
  file: RandomAccessFile,
  frames: PartFrames,
  found: { isUnfinished: boolean; hasIndex: boolean; damage: PartDamage[]; notes: string[] },
): void {
  const { isUnfinished, hasIndex, damage, notes } = found;
  if (hasIndex) return;
  if (isUnfinished) {
    notes.push(`'${file.path}' is unfinished: it is being written, or its writer did not end well`);
    return;
  }
  const isNamed = damage.some(
    ({ kind, beforeBlock }) =>
      kind === 'cut' ||
      (frames.isComplete && beforeBlock === frames.blocks.length && kind === 'frames'),
  );
  if (isNamed) return;
  damage.push({
    kind: frames.isComplete ? 'index' : 'cut',
    path: file.path,
    startOffset: frames.indexOffset ?? file.sizeBytes,
    endOffset: file.sizeBytes,
    events: frames.isComplete ? 0 : undefined,
    ...(frames.isComplete ? {} : { isLowerBound: true }),
    beforeBlock: frames.blocks.length,
  });
}

function damagedHeader(file: RandomAccessFile, headerBytes: number): PartDamage {
  const endOffset = Math.min(headerBytes, file.sizeBytes);
  return { kind: 'header', path: file.path, startOffset: 0, endOffset, events: 0, beforeBlock: 0 };
}

/** The first whole copy of each origin (F5), and the copies that are not. */
function readOrigins(
  file: RandomAccessFile,
  frames: readonly FrameHeader[],
): { origins: Map<number, Origin>; spoilt: PartDamage[] } {
  const origins = new Map<number, Origin>();
  const spoilt: PartDamage[] = [];
  for (const frame of frames) {
    const startOffset = frame.offset + frame.headerBytes;
    // Where the file ends within it, the cut is named already; and no memory is taken for what is not there.
    if (startOffset + frame.bodyBytes > file.sizeBytes) continue;
    const body = Buffer.alloc(frame.bodyBytes);
    if (file.read(body, startOffset) < body.length) continue;
    if (crc32(body) !== frame.bodyCrc) {
      const endOffset = startOffset + frame.bodyBytes;
      // Blocks whose origin has no whole copy are damage of their own.
      spoilt.push({
        kind: 'frames',
        path: file.path,
        startOffset,
        endOffset,
        events: 0,
        beforeBlock: 0,
      });
      continue;
    }
    if (origins.has(frame.originNumber)) continue;
    const origin = parseOrigin(body.toString('utf8'));
    if (origin !== undefined) origins.set(frame.originNumber, origin);
  }
  return { origins, spoilt };
}

/** The blocks whose origin is known. */
function blocksOf(
  frames: PartFrames,
  origins: ReadonlyMap<number, Origin>,
): { blocks: BlockTable; lost: PartDamage[] } {
  const { table, path } = frames;
  if (table !== undefined && hasOrigins(table, origins)) return { blocks: table, lost: [] };
  const headers = table === undefined ? frames.blocks : headersOf(table);
  const { readable, lost } = splitByOrigin(headers, origins, path);
  const blocks = BlockTable.allocate(readable.length);
  readable.forEach((block, row) => blocks.set(row, block.bytes));
  return { blocks, lost };
}

function hasOrigins(table: BlockTable, origins: ReadonlyMap<number, Origin>): boolean {
  let known: number | undefined;
  for (let row = 0; row < table.count; row++) {
    const number = table.originNumber(row);
    if (number === known) continue;
    if (!origins.has(number)) return false;
    known = number;
  }
  return true;
}

function headersOf(table: BlockTable): FrameHeader[] {
  const headers: FrameHeader[] = [];
  for (let row = 0; row < table.count; row++) {
    const header = parseFrameHeader(Buffer.from(table.row(row)), 0, table.frameOffset(row), true);
    if (header !== undefined) headers.push(header);
  }
  return headers;
}

function splitByOrigin(
  blocks: readonly FrameHeader[],
  origins: ReadonlyMap<number, Origin>,
  path: string,
): { readable: FrameHeader[]; lost: PartDamage[] } {
  const readable: FrameHeader[] = [];
  const lost: PartDamage[] = [];
  for (const block of blocks) {
    if (origins.has(block.originNumber)) {
      readable.push(block);
      continue;
    }
    lost.push({
      kind: 'origin',
      path,
      startOffset: block.offset,
      endOffset: block.offset + block.headerBytes + block.bodyBytes,
      events: blockEvents(block),
      beforeBlock: readable.length,
    });
  }
  return { readable, lost };
}
