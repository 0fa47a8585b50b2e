/*
 * Writes what is whole of a part as a new one: each block's stored bytes as they are, under a header that states its new place; a loss marker where events are missing (F15: in a block of
 * its own); origins, INDEX and TRAILER new. Reads with what every reader reads with, so what it keeps is what a replay would have given.
 */
import { crc32 } from 'node:zlib';

import { type Origin, SlotMemory, writeLossMarker } from '@sockflow/core';

import { FRAME, FrameType } from '../format/layout.ts';
import { badBlock } from '../reader/damage.ts';
import type { RecordingPart } from '../reader/open-part.ts';
import type { PartDamage } from '../reader/part-frames.ts';
import type { RandomAccessFile } from '../reader/random-access-file.ts';
import { readFrameHeader } from '../reader/read-frame-header.ts';
import { BlockCheck } from '../verify/block-check.ts';
import { BlockBuffer } from '../writer/block-buffer.ts';
import type { PartFile } from '../writer/part-file.ts';
import type { RepairLoss } from './repair-options.ts';

const MARKER_BYTES = 1024;
/** What of a frame the check of a block does not look at. */
const UNUSED = { type: FrameType.BLOCK, flags: 0, number: 0, bodyCrc: 0, originNumber: 0 };

/** What was kept of a part. */
export interface KeptOfPart {
  readonly blocksKept: number;
  readonly eventsKept: number;
  readonly markersKept: number;
  readonly markersAdded: number;
  readonly blocksCounted: number;
  readonly losses: readonly RepairLoss[];
}

/** Copies one part; see the head of this file. */
export class PartRepair {
  readonly #file: RandomAccessFile;
  readonly #part: RecordingPart;
  readonly #target: PartFile;
  readonly #check = new BlockCheck();
  readonly #markerBlock = new BlockBuffer(MARKER_BYTES);
  readonly #markerMemory = SlotMemory.allocate(MARKER_BYTES);
  readonly #losses: RepairLoss[] = [];
  #body: Buffer = Buffer.alloc(0);
  #blocksKept = 0;
  #markersAdded = 0;
  #blocksCounted = 0;

  constructor(file: RandomAccessFile, part: RecordingPart, target: PartFile) {
    this.#file = file;
    this.#part = part;
    this.#target = target;
  }

  /** @param onProgress told after each block how far in the file it is */
  run(onProgress: (doneBytes: number, events: number) => void): KeptOfPart {
    const { blocks, origins, damage } = this.#part;
    for (let row = 0; row <= blocks.count; row++) {
      for (const hole of damage) if (hole.beforeBlock === row) this.#passHole(hole, row);
      if (row === blocks.count) break;
      this.#passBlock(row);
      onProgress(blocks.payloadOffset(row) + blocks.payloadBytes(row), this.#target.events);
    }
    // Those that no block names.
    for (const number of [...origins.keys()].toSorted((one, other) => one - other)) {
      this.#target.originNumber(origins.get(number) as Origin);
    }
    this.#target.writeEnd();
    return {
      blocksKept: this.#blocksKept,
      eventsKept: this.#target.events,
      markersKept: this.#target.markers - this.#markersAdded,
      markersAdded: this.#markersAdded,
      blocksCounted: this.#blocksCounted,
      losses: this.#losses,
    };
  }

  #passBlock(row: number): void {
    const { blocks, origins, path } = this.#part;
    const header = this.#headerOf(row);
    const body = this.#readBody(row, header.readUInt32LE(FRAME.bodyBytesOffset));
    if (body === undefined || !this.#mend(row, header)) {
      this.#lose(
        { ...badBlock(path, blocks, row), beforeBlock: row },
        blocks.firstTimeNs(row),
        blocks.lastTimeNs(row),
        origins.get(blocks.originNumber(row)),
      );
      return;
    }
    const origin = origins.get(blocks.originNumber(row)) as Origin;
    this.#target.writeCopy(header, body, this.#target.originNumber(origin));
    this.#blocksKept++;
  }

  /** As it lies there; where that is damaged, as the index has it. */
  #headerOf(row: number): Buffer {
    const { blocks } = this.#part;
    const onDisk = readFrameHeader(this.#file, blocks.frameOffset(row))?.bytes;
    if (onDisk !== undefined) return Buffer.from(onDisk);
    return Buffer.from(blocks.row(row));
  }

  #readBody(row: number, bodyBytes: number): Uint8Array | undefined {
    const { blocks } = this.#part;
    if (this.#body.length < bodyBytes) this.#body = Buffer.alloc(bodyBytes);
    const body = this.#body.subarray(0, bodyBytes);
    if (this.#file.read(body, blocks.payloadOffset(row)) < bodyBytes) return undefined;
    return crc32(body) === blocks.bodyCrc(row) ? body : undefined;
  }

  /** Statistics that lie are counted anew. @returns whether the payload is slots. */
  #mend(row: number, header: Buffer): boolean {
    let isWrong = false;
    let isCounted = false;
    const frame = {
      ...UNUSED,
      bytes: header,
      headerBytes: header.length,
      bodyBytes: header.readUInt32LE(FRAME.bodyBytesOffset),
      offset: this.#part.blocks.frameOffset(row),
    };
    const { isRead } = this.#check.check(this.#file, frame, true, 1, (invariant) => {
      isCounted ||= invariant === 'F7';
      isWrong ||= invariant === 'F6' || invariant === 'F16';
    });
    if (isWrong) return false;
    if (isRead && isCounted) {
      this.#check.writeStatistics(header);
      this.#blocksCounted++;
    }
    return true;
  }

  /** A hole between blocks: nothing of it can be read, and the blocks beside it say when it was. */
  #passHole(hole: PartDamage, row: number): void {
    if (hole.events === 0) return;
    const { blocks, origins } = this.#part;
    const before = row > 0 ? row - 1 : undefined;
    const after = row < blocks.count ? row : undefined;
    const beside = after ?? before;
    const origin =
      beside === undefined ? [...origins.values()][0] : origins.get(blocks.originNumber(beside));
    const startNs = before === undefined ? undefined : blocks.lastTimeNs(before);
    const endNs = after === undefined ? undefined : blocks.firstTimeNs(after);
    this.#lose(hole, startNs, endNs, origin);
  }

  #lose(
    damage: PartDamage,
    startNs: bigint | undefined,
    endNs: bigint | undefined,
    origin: Origin | undefined,
  ): void {
    const { beforeBlock: _, ...loss } = damage;
    this.#losses.push({ ...loss, startNs, endNs });
    if (origin === undefined) return;
    const gapStartNs = startNs ?? endNs ?? 0n;
    const tsNs = endNs === undefined || endNs < gapStartNs ? gapStartNs : endNs;
    const block = this.#markerBlock;
    const bytes = writeLossMarker(this.#markerMemory, 0, {
      tsNs,
      gapStartNs,
      lostRingFull: 0,
      lostShedFirst: 0,
      lostShedLast: 0,
      lostDamaged: damage.events ?? 0,
      lane: this.#part.part,
    });
    block.reset();
    block.statistics.add(this.#markerMemory.u32, 0);
    block.copy(this.#markerMemory, 0, bytes / 4);
    this.#target.writeBlock(block, block.payload(), this.#target.originNumber(origin));
    this.#markersAdded++;
  }
}
