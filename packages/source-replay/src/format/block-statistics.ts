import { Kind, LANE_BUCKETS } from '@sockflow/core';

import { BLOCK, BLOCK_HEADER_BYTES, KIND_COUNTS, OP_COUNTS } from './layout.ts';
import { portBit } from './port-set.ts';

const FIRST_TIME_LOW = BLOCK.firstTimeOffset / 4;
const FIRST_TIME_HIGH = FIRST_TIME_LOW + 1;
const LAST_TIME_LOW = BLOCK.lastTimeOffset / 4;
const LAST_TIME_HIGH = LAST_TIME_LOW + 1;
const LANE_BUCKETS_WORD = BLOCK.laneBucketsOffset / 4;
const KIND_COUNTS_WORD = BLOCK.kindCountsOffset / 4;
const OP_COUNTS_WORD = BLOCK.opCountsOffset / 4;
const LOCAL_PORTS_WORD = BLOCK.localPortsOffset / 4;
const REMOTE_PORTS_WORD = BLOCK.remotePortsOffset / 4;
/** Words of a slot that statistics are made of, all in its first cache line. */
const KIND_WORD = 2;
const TIME_LOW_WORD = 4;
const TIME_HIGH_WORD = 5;
const PORTS_WORD = 10;
const LANE_KEY_WORD = 11;

/**
 * The statistics of one block, counted in place in the words of its header while slots are added (F7).
 *
 * Hot path: once per slot written; loads one cache line of the slot, stores into 13 of the header that stay in the first-level cache.
 */
export class BlockStatistics {
  readonly #header: Uint32Array;

  /** @param header the words of a block's header */
  constructor(header: Uint32Array) {
    this.#header = header;
    this.reset();
  }

  reset(): void {
    this.#header.fill(0, 0, BLOCK_HEADER_BYTES / 4);
    this.#header[FIRST_TIME_LOW] = 0xffffffff;
    this.#header[FIRST_TIME_HIGH] = 0xffffffff;
  }

  /** Adds the slot at `word` of `u32`. */
  add(u32: Uint32Array, word: number): void {
    const header = this.#header;
    const what = u32[word + KIND_WORD] as number;
    const kind = what & 0xff;
    this.#addTime(u32[word + TIME_LOW_WORD] as number, u32[word + TIME_HIGH_WORD] as number);
    increment(header, KIND_COUNTS_WORD + (kind < KIND_COUNTS ? kind : 0));
    if (kind === Kind.CLOCK_ANCHOR) return;
    const bucket = (u32[word + LANE_KEY_WORD] as number) & (LANE_BUCKETS - 1);
    setBit(header, LANE_BUCKETS_WORD, bucket);
    if (kind === Kind.LOSS_MARKER) return;
    if (kind === Kind.OP) {
      const op = (what >>> 8) & 0xff;
      increment(header, OP_COUNTS_WORD + (op < OP_COUNTS ? op : OP_COUNTS - 1));
    }
    const ports = u32[word + PORTS_WORD] as number;
    const localBit = portBit(ports >>> 16);
    // The slot has the remote port in network order, in the lower half of this word.
    const remoteBit = portBit(((ports & 0xff) << 8) | ((ports >>> 8) & 0xff));
    setBit(header, LOCAL_PORTS_WORD, localBit);
    setBit(header, REMOTE_PORTS_WORD, remoteBit);
  }

  #addTime(low: number, high: number): void {
    const header = this.#header;
    const lastHigh = header[LAST_TIME_HIGH] as number;
    if (high > lastHigh || (high === lastHigh && low > (header[LAST_TIME_LOW] as number))) {
      header[LAST_TIME_HIGH] = high;
      header[LAST_TIME_LOW] = low;
    }
    const firstHigh = header[FIRST_TIME_HIGH] as number;
    if (high < firstHigh || (high === firstHigh && low < (header[FIRST_TIME_LOW] as number))) {
      header[FIRST_TIME_HIGH] = high;
      header[FIRST_TIME_LOW] = low;
    }
  }

  /** Slots added, markers included. */
  get slots(): number {
    let slots = 0;
    for (let kind = 0; kind < KIND_COUNTS; kind++) {
      slots += this.#header[KIND_COUNTS_WORD + kind] ?? 0;
    }
    return slots;
  }

  /** Loss markers and clock anchors added. */
  get markers(): number {
    return (
      (this.#header[KIND_COUNTS_WORD + Kind.LOSS_MARKER] ?? 0) +
      (this.#header[KIND_COUNTS_WORD + Kind.CLOCK_ANCHOR] ?? 0)
    );
  }
}

function increment(words: Uint32Array, index: number): void {
  words[index] = (words[index] as number) + 1;
}

function setBit(words: Uint32Array, firstWord: number, bit: number): void {
  const index = firstWord + (bit >>> 5);
  words[index] = (words[index] as number) | (1 << (bit & 31));
}
