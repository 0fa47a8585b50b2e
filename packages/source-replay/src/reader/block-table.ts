import { Kind } from '@sockflow/core';

import { BLOCK, BLOCK_HEADER_BYTES, FRAME } from '../format/layout.ts';
import { portBit } from '../format/port-set.ts';
import type { TimeWindow } from '../replay/time-window.ts';
import { type BlockTotals, blockTotals } from './block-totals.ts';

const ROW_WORDS = BLOCK_HEADER_BYTES / 4;
const FIRST_TIME_WORD = BLOCK.firstTimeOffset / 4;
const LAST_TIME_WORD = BLOCK.lastTimeOffset / 4;
const SLOTS_WORD = BLOCK.slotsOffset / 4;
const LOSS_MARKERS_WORD = BLOCK.kindCountsOffset / 4 + Kind.LOSS_MARKER;
const CLOCK_ANCHORS_WORD = BLOCK.kindCountsOffset / 4 + Kind.CLOCK_ANCHOR;

/** A table as another thread is told of it: shared, not copied. */
export interface SharedBlockTable {
  readonly headers: SharedArrayBuffer;
  /** u32 for each row: word index of its header. */
  readonly rows: SharedArrayBuffer;
  /** Where they are added up already. */
  readonly totals?: BlockTotals;
}

/**
 * The headers of blocks, one row each, in memory that lanes share: what a reader knows of a recording without reading a block.
 *
 * Written by the thread that opens the recording, before any lane has it; read only from then on. Headers lie wherever `rows` says: side by side, or in a recording's index as it was
 * read, among those of other frames.
 */
export class BlockTable {
  readonly count: number;
  readonly #shared: SharedBlockTable;
  readonly #u8: Uint8Array;
  readonly #u32: Uint32Array;
  readonly #rows: Uint32Array;
  #totals: BlockTotals | undefined;

  constructor(shared: SharedBlockTable) {
    this.count = shared.rows.byteLength / 4;
    this.#shared = shared;
    this.#u8 = new Uint8Array(shared.headers);
    this.#u32 = new Uint32Array(shared.headers);
    this.#rows = new Uint32Array(shared.rows);
    this.#totals = shared.totals;
  }

  /** A table of rows to be set. */
  static allocate(count: number): BlockTable {
    const rows = new SharedArrayBuffer(count * 4);
    const words = new Uint32Array(rows);
    for (let row = 0; row < count; row++) words[row] = row * ROW_WORDS;
    return new BlockTable({ headers: new SharedArrayBuffer(count * BLOCK_HEADER_BYTES), rows });
  }

  /** What another thread makes the same table of. */
  share(): SharedBlockTable {
    return { ...this.#shared, totals: this.totals() };
  }

  /** Fills a row with a block's header; what a longer header of a later version has more is left out. */
  set(row: number, header: Uint8Array): void {
    this.#totals = undefined;
    this.#u8.set(header.subarray(0, BLOCK_HEADER_BYTES), (this.#rows[row] ?? 0) * 4);
  }

  /** The row as bytes, for copying it to another table. */
  row(row: number): Uint8Array {
    const start = (this.#rows[row] ?? 0) * 4;
    return this.#u8.subarray(start, start + BLOCK_HEADER_BYTES);
  }

  /** What all rows tell; added up at the first call. */
  totals(): BlockTotals {
    return (this.#totals ??= blockTotals(this.#u32, this.#rows));
  }

  /** The first row of `from` to `to` (exclusive) that may hold something of a window, or a marker; `to` where there is none. */
  firstWithin(from: number, to: number, window: TimeWindow): number {
    // Cold, and 20,000 times: so all of it is here, on local variables.
    const { startHigh, startLow, endHigh, endLow } = window;
    const u32 = this.#u32;
    const rows = this.#rows;
    for (let row = from; row < to; row++) {
      const word = rows[row] as number;
      const lastHigh = u32[word + LAST_TIME_WORD + 1] as number;
      const firstHigh = u32[word + FIRST_TIME_WORD + 1] as number;
      const isOutside =
        lastHigh < startHigh ||
        firstHigh > endHigh ||
        (lastHigh === startHigh && (u32[word + LAST_TIME_WORD] as number) < startLow) ||
        (firstHigh === endHigh && (u32[word + FIRST_TIME_WORD] as number) >= endLow);
      if (!isOutside || u32[word + LOSS_MARKERS_WORD] !== 0 || u32[word + CLOCK_ANCHORS_WORD] !== 0)
        return row;
    }
    return to;
  }

  /** Slots, markers too, of the rows `from` to `to` (exclusive). */
  slotsIn(from: number, to: number): number {
    const u32 = this.#u32;
    const rows = this.#rows;
    let slots = 0;
    for (let row = from; row < to; row++) {
      slots += u32[(rows[row] as number) + SLOTS_WORD] as number;
    }
    return slots;
  }

  /** Where the block's frame starts in its file. */
  frameOffset(row: number): number {
    return this.#u64(row, FRAME.offsetOffset);
  }

  /** Where its body starts. */
  payloadOffset(row: number): number {
    return this.frameOffset(row) + this.#word(row, FRAME.headerBytesOffset);
  }

  /** What lies in the file for the payload: as long as it, or compressed and padded. */
  bodyBytes(row: number): number {
    return this.#word(row, FRAME.bodyBytesOffset);
  }

  /** Bytes of the body without padding. */
  storedBytes(row: number): number {
    return this.#word(row, BLOCK.storedBytesOffset);
  }

  /** 0: none, 1: lz4, 2: zstd. */
  compression(row: number): number {
    return this.#word(row, BLOCK.compressionOffset);
  }

  payloadBytes(row: number): number {
    return this.#word(row, BLOCK.payloadBytesOffset);
  }

  bodyCrc(row: number): number {
    return this.#word(row, FRAME.bodyCrcOffset);
  }

  originNumber(row: number): number {
    return this.#word(row, FRAME.originNumberOffset);
  }

  slots(row: number): number {
    return this.#word(row, BLOCK.slotsOffset);
  }

  lossMarkers(row: number): number {
    return this.kindSlots(row, Kind.LOSS_MARKER);
  }

  clockAnchors(row: number): number {
    return this.kindSlots(row, Kind.CLOCK_ANCHOR);
  }

  markers(row: number): number {
    return this.lossMarkers(row) + this.clockAnchors(row);
  }

  /** Slots that are not markers. */
  events(row: number): number {
    return this.slots(row) - this.markers(row);
  }

  /** Slots of a kind; `kind` 0: of kinds above 7. */
  kindSlots(row: number, kind: number): number {
    return this.#word(row, BLOCK.kindCountsOffset + kind * 4);
  }

  /** Events of an op; `op` 31: of all ops from 31 on. */
  opEvents(row: number, op: number): number {
    return this.#word(row, BLOCK.opCountsOffset + op * 4);
  }

  firstTimeNs(row: number): bigint {
    return this.#bigint(row, BLOCK.firstTimeOffset);
  }

  lastTimeNs(row: number): bigint {
    return this.#bigint(row, BLOCK.lastTimeOffset);
  }

  firstTimeUs(row: number): number {
    return this.#u64(row, BLOCK.firstTimeOffset) / 1000;
  }

  lastTimeUs(row: number): number {
    return this.#u64(row, BLOCK.lastTimeOffset) / 1000;
  }

  /** Bits 0-31 (`half` 0) or 32-63 (1) of the buckets that the block holds. */
  laneBuckets(row: number, half: 0 | 1): number {
    return this.#word(row, BLOCK.laneBucketsOffset + half * 4);
  }

  mayHoldBucket(row: number, bucket: number): boolean {
    const half = bucket < 32 ? 0 : 1;
    return (this.laneBuckets(row, half) & (1 << (bucket & 31))) !== 0;
  }

  mayHoldLocalPort(row: number, port: number): boolean {
    return this.#hasPort(row, BLOCK.localPortsOffset, port);
  }

  mayHoldRemotePort(row: number, port: number): boolean {
    return this.#hasPort(row, BLOCK.remotePortsOffset, port);
  }

  #hasPort(row: number, setOffset: number, port: number): boolean {
    const bit = portBit(port);
    return (this.#word(row, setOffset + (bit >>> 5) * 4) & (1 << (bit & 31))) !== 0;
  }

  #word(row: number, offset: number): number {
    return this.#u32[(this.#rows[row] ?? 0) + offset / 4] ?? 0;
  }

  #u64(row: number, offset: number): number {
    return this.#word(row, offset) + this.#word(row, offset + 4) * 0x100000000;
  }

  #bigint(row: number, offset: number): bigint {
    return (BigInt(this.#word(row, offset + 4)) << 32n) | BigInt(this.#word(row, offset));
  }
}
