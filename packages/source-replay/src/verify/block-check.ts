import { Kind, RING_HEADER_BYTES } from '@sockflow/core';

import { isKnownCompression } from '../compression/compression-options.ts';
import { BlockStatistics } from '../format/block-statistics.ts';
import type { FrameHeader } from '../format/frame-header.ts';
import {
  ALIGN_BYTES,
  BLOCK,
  BLOCK_HEADER_BYTES,
  COMPRESSION_NONE,
  KIND_COUNTS,
  MAX_PAYLOAD_BYTES,
  OP_COUNTS,
} from '../format/layout.ts';
import { BlockReader } from '../reader/block-reader.ts';
import { BlockTable } from '../reader/block-table.ts';
import type { RandomAccessFile } from '../reader/random-access-file.ts';
import type { ReportFault } from './check-file-header.ts';

const KIND_WORD = 2;
const LANE_KEY_WORD = 11;
/** Bits 30 and 31 of a length word. */
const STATE_BITS = 0xc0000000;
const SLOT_MIN_BYTES = 256;
const HEADER_WORDS = BLOCK_HEADER_BYTES / 4;
/** Bytes of a block's header that say what its slots say, end exclusive. */
const STATISTICS = [
  [BLOCK.firstTimeOffset, BLOCK.payloadBytesOffset],
  [BLOCK.slotsOffset, BLOCK.slotsOffset + 4],
  [BLOCK.kindCountsOffset, BLOCK.remotePortsOffset + 256],
] as const;
const FIRST_SIZE_BYTES = 64 << 10;

/** What a block holds, as its slots say where they could be read, else as its header says. */
export interface CheckedBlock {
  readonly events: number;
  readonly markers: number;
  readonly isRead: boolean;
}

/** Checks blocks one by one: header against payload, and the payload itself. Its memory is that of the largest block. */
export class BlockCheck {
  #reader = new BlockReader(FIRST_SIZE_BYTES);
  #readerBytes = FIRST_SIZE_BYTES;
  readonly #row = BlockTable.allocate(1);
  readonly #counted = new Uint32Array(HEADER_WORDS);
  readonly #statistics = new BlockStatistics(this.#counted);

  /**
   * @param isWhole whether the body matches its CRC: only then it is looked into
   * @param laneGroups as the file header says
   */
  check(
    file: RandomAccessFile,
    frame: FrameHeader,
    isWhole: boolean,
    laneGroups: number,
    report: ReportFault,
  ): CheckedBlock {
    const row = this.#row;
    row.set(0, frame.bytes);
    const stated = { events: row.events(0), markers: row.markers(0), isRead: false };
    if (!hasGoodLengths(frame, report) || !isWhole) return stated;
    const payloadBytes = row.payloadBytes(0);
    if (payloadBytes > this.#readerBytes) {
      this.#readerBytes = Math.min(MAX_PAYLOAD_BYTES, payloadBytes * 2);
      this.#reader = new BlockReader(this.#readerBytes);
    }
    if (!isKnownCompression(row.compression(0))) return stated;
    if (!this.#reader.read(file, row, 0)) {
      // Where the library for it is not there, nothing is known of the block.
      if (this.#reader.fault === 'compression') return stated;
      report('F16', `a body that decompresses to ${payloadBytes} bytes`, 'one that does not');
      return stated;
    }
    if (!this.#checkSlots(payloadBytes, laneGroups, report)) return stated;
    this.#checkStatistics(frame, report);
    const { slots, markers } = this.#statistics;
    return { events: slots - markers, markers, isRead: true };
  }

  /** Writes the statistics of the block that was looked into last into its header. */
  writeStatistics(header: Buffer): void {
    const counted = Buffer.from(this.#counted.buffer);
    counted.writeUInt32LE(this.#statistics.slots, BLOCK.slotsOffset);
    for (const [start, end] of STATISTICS) counted.copy(header, start, start, end);
  }

  /** F6, F14, F15. @returns whether all of the payload is slots. */
  #checkSlots(payloadBytes: number, laneGroups: number, report: ReportFault): boolean {
    const { u32 } = this.#reader.memory;
    const endWord = payloadBytes / 4;
    const mask = laneGroups - 1;
    let group = -1;
    let isMixed = false;
    let isLate = false;
    this.#statistics.reset();
    for (let word = 0; word < endWord;) {
      const lengthWord = u32[word] as number;
      const slotBytes = (lengthWord & ~STATE_BITS) + RING_HEADER_BYTES;
      const isSlot =
        (lengthWord & STATE_BITS) === 0 &&
        slotBytes >= SLOT_MIN_BYTES &&
        slotBytes % ALIGN_BYTES === 0 &&
        word + slotBytes / 4 <= endWord;
      if (!isSlot) {
        report(
          'F6',
          `a whole slot at byte ${word * 4} of the payload`,
          `length word 0x${lengthWord.toString(16)}`,
        );
        return false;
      }
      this.#statistics.add(u32, word);
      if (mask > 0) {
        const kind = (u32[word + KIND_WORD] as number) & 0xff;
        if (kind === Kind.LOSS_MARKER || kind === Kind.CLOCK_ANCHOR) {
          isLate ||= group >= 0;
        } else {
          const own = (u32[word + LANE_KEY_WORD] as number) & mask;
          isMixed ||= group >= 0 && own !== group;
          group = own;
        }
      }
      word += slotBytes / 4;
    }
    if (isMixed) report('F14', `slots of one of ${laneGroups} lane groups`, 'slots of several');
    if (isLate) report('F15', 'markers before all events of the block', 'a marker behind an event');
    return true;
  }

  /** F7: one finding a block, for the first that differs. */
  #checkStatistics({ bytes }: FrameHeader, report: ReportFault): void {
    const counted = this.#counted;
    const compare = (what: string, offset: number): boolean => {
      const found = bytes.readUInt32LE(offset);
      const expected = counted[offset / 4] as number;
      if (found !== expected) report('F7', `${expected} ${what}`, `${found}`);
      return found === expected;
    };
    const slots = bytes.readUInt32LE(BLOCK.slotsOffset);
    if (slots !== this.#statistics.slots) {
      report('F7', `${this.#statistics.slots} slots`, `${slots}`);
      return;
    }
    for (let kind = 0; kind < KIND_COUNTS; kind++) {
      if (!compare(`slots of kind ${kind}`, BLOCK.kindCountsOffset + kind * 4)) return;
    }
    for (let op = 0; op < OP_COUNTS; op++) {
      if (!compare(`events of op ${op}`, BLOCK.opCountsOffset + op * 4)) return;
    }
    for (const [what, offset] of [
      ['first time', BLOCK.firstTimeOffset],
      ['last time', BLOCK.lastTimeOffset],
    ] as const) {
      const expected =
        (BigInt(counted[offset / 4 + 1] as number) << 32n) | BigInt(counted[offset / 4] as number);
      const found = bytes.readBigUInt64LE(offset);
      if (found !== expected) {
        report('F7', `${what} ${expected} ns`, `${found} ns`);
        return;
      }
    }
    this.#checkSets(bytes, report);
  }

  /** Sets may hold more than the payload, never less. */
  #checkSets(bytes: Buffer, report: ReportFault): void {
    const sets = [
      ['lane buckets', BLOCK.laneBucketsOffset, 2],
      ['local ports', BLOCK.localPortsOffset, 64],
      ['remote ports', BLOCK.remotePortsOffset, 64],
    ] as const;
    for (const [what, offset, words] of sets) {
      for (let index = 0; index < words; index++) {
        const at = offset + index * 4;
        const missing = (this.#counted[at / 4] as number) & ~bytes.readUInt32LE(at);
        if (missing === 0) continue;
        report(
          'F7',
          `${what} with all those of the slots`,
          `bit ${index * 32 + 31 - Math.clz32(missing)} clear`,
        );
        return;
      }
    }
  }
}

/** F6: lengths that bound what a reader needs. */
function hasGoodLengths({ bytes, bodyBytes }: FrameHeader, report: ReportFault): boolean {
  const payloadBytes = bytes.readUInt32LE(BLOCK.payloadBytesOffset);
  const storedBytes = bytes.readUInt32LE(BLOCK.storedBytesOffset);
  if (payloadBytes % ALIGN_BYTES !== 0 || payloadBytes > MAX_PAYLOAD_BYTES) {
    report('F6', 'a payload of a multiple of 64 bytes, at most 16 MiB', `${payloadBytes} bytes`);
    return false;
  }
  const isPlain = bytes.readUInt32LE(BLOCK.compressionOffset) === COMPRESSION_NONE;
  if (isPlain && storedBytes !== payloadBytes) {
    report('F6', `${payloadBytes} stored bytes, as the payload`, `${storedBytes}`);
    return false;
  }
  if (!isPlain && storedBytes >= payloadBytes) {
    report('F16', `fewer stored bytes than the ${payloadBytes} of the payload`, `${storedBytes}`);
    return false;
  }
  if (Math.ceil(storedBytes / ALIGN_BYTES) * ALIGN_BYTES !== bodyBytes) {
    report('F6', `a body of ${storedBytes} bytes and padding`, `${bodyBytes} bytes`);
    return false;
  }
  return true;
}
