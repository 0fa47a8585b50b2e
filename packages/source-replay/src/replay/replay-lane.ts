/*
 * One lane's end of a replay: reads the blocks that hold its buckets into its own slot memory, leaves out those that every plan drops, and goes on over
 * damage. Lives in the lane's thread. Each block is counted as recorded, and as skipped or bad, by one lane (LaneShare.isOwner).
 */
import {
  type LaneSource,
  type Origin,
  SlotMemory,
  type SlotSpan,
  SOURCE_END,
  SOURCE_IDLE,
  type SourceLaneContext,
  writeLossMarker,
} from '@sockflow/core';

import { BlockReader, largestPayloadBytes } from '../reader/block-reader.ts';
import { BlockTable } from '../reader/block-table.ts';
import { BLOCK_FAULTS } from '../reader/damage.ts';
import { DiskFile, type SharedFile } from '../reader/random-access-file.ts';
import { plansExcludeBlock } from './block-exclusion.ts';
import { LaneShare } from './lane-share.ts';
import { OriginClocks } from './origin-clocks.ts';
import type { Pace } from './pace/pace.ts';
import type { ReplayData, ReplayHole } from './replay-data.ts';
import { type TimeWindow, timeWindow } from './time-window.ts';

/** What a lane is given by the main thread. */
export interface ReplayLaneData {
  readonly data: ReplayData;
  /** The parts, open. */
  readonly files: readonly SharedFile[];
  /** `undefined`: as fast as the lane takes it. */
  readonly pace: Pace | undefined;
}

/** Blocks passed over in one call of `next`: keeps it below a millisecond. */
const MAX_SKIPS = 1024;
/** The same of blocks out of the time that is wanted, which are passed over many at a time. */
const MAX_TIME_SKIPS = 8192;

type BlockSpan = { -readonly [Field in keyof SlotSpan]: SlotSpan[Field] };

/** A lane's end of a replay: blocks of its share, in the order of replay. */
export class ReplayLane implements LaneSource {
  readonly #context: SourceLaneContext;
  readonly #data: ReplayData;
  readonly #blocks: BlockTable;
  readonly #share: LaneShare;
  readonly #files: DiskFile[];
  /** What the next block is read into: who keeps a span beyond the next one gives another. */
  reader: BlockReader;
  /** Row of the block in the span given last; `undefined` where that holds no block. */
  spanRow: number | undefined = undefined;
  /** Of every block in turn: a span is given back when the next is asked for. */
  readonly #span: BlockSpan;
  readonly #markerMemory: SlotMemory = SlotMemory.allocate(1024);
  readonly #clocks: OriginClocks;
  readonly #window: TimeWindow | undefined;
  #block = 0;
  #hole = 0;
  #endOrigin = 0;

  constructor(context: SourceLaneContext) {
    this.#context = context;
    const { data, files } = context.laneData as ReplayLaneData;
    this.#data = data;
    this.#blocks = new BlockTable(this.#data.blockTable);
    this.#share = new LaneShare(context.lane, context.lanes);
    this.#files = files.map((file) => DiskFile.shared(file));
    this.reader = new BlockReader(largestPayloadBytes(this.#blocks));
    this.#span = {
      memory: this.reader.memory,
      startWord: 0,
      endWord: 0,
      origin: data.origins[0] as Origin,
      mayBeBusy: false,
      mayHoldOtherLanes: false,
      mayHoldMarkers: false,
      endTimeUs: 0,
    };
    this.#window = timeWindow(context.plans);
    this.#clocks = new OriginClocks(this.#blocks, data.originOfBlock, data.origins.length);
  }

  /** Blocks passed: the row of the next one. */
  get row(): number {
    return this.#block;
  }

  next(): SlotSpan | typeof SOURCE_IDLE | typeof SOURCE_END {
    this.spanRow = undefined;
    if (this.#passTime()) return SOURCE_IDLE;
    for (let skips = 0; skips < MAX_SKIPS; skips++) {
      const hole = this.#data.holes[this.#hole];
      if (hole !== undefined && hole.beforeBlock === this.#block) {
        const index = this.#hole++;
        if (index % this.#context.lanes === this.#context.lane) return this.#passHole(hole);
        continue;
      }
      if (this.#block === this.#blocks.count) return this.#nextEndTime();
      const span = this.#passBlock(this.#block++);
      if (span !== undefined) return span;
    }
    return SOURCE_IDLE;
  }

  /** There is always something to read: the next turn of the event loop is soon enough. */
  async wait(): Promise<void> {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }

  async close(): Promise<void> {
    for (const file of this.#files) file.close();
  }

  /**
   * Passes over the blocks from here on that are outside the time that is wanted, up to the next hole.
   *
   * @returns whether it was so many that the event loop is to have its turn
   */
  #passTime(): boolean {
    const from = this.#block;
    if (this.#window === undefined || from === this.#blocks.count) return false;
    const hole = this.#data.holes[this.#hole]?.beforeBlock ?? this.#blocks.count;
    const limit = Math.min(hole, from + MAX_TIME_SKIPS);
    const to = this.#blocks.firstWithin(from, limit, this.#window);
    if (to === from) return false;
    this.#clocks.passTo(from, to);
    const events = this.#ownedEvents(from, to);
    this.#context.counters.add('recorded', events);
    this.#context.counters.add('skipped', events);
    this.#block = to;
    return to - from === MAX_TIME_SKIPS;
  }

  /** Events of the blocks `from` to `to` (exclusive) that this lane counts; none of them has a marker. */
  #ownedEvents(from: number, to: number): number {
    const blocks = this.#blocks;
    if (this.#share.lanes === 1) return blocks.slotsIn(from, to);
    let events = 0;
    for (let row = from; row < to; row++) {
      if (this.#share.isOwner(blocks, row)) events += blocks.events(row);
    }
    return events;
  }

  #passBlock(row: number): SlotSpan | undefined {
    const { counters, plans } = this.#context;
    const blocks = this.#blocks;
    const originIndex = this.#data.originOfBlock[row] ?? 0;
    const origin = this.#data.origins[originIndex] as Origin;
    this.#clocks.pass(row);
    const endTimeUs = this.#clocks.nowUs(originIndex);
    const isOwner = this.#share.isOwner(blocks, row);
    if (isOwner) counters.add('recorded', blocks.events(row));
    if (plansExcludeBlock(plans, blocks, row, origin.id)) {
      if (isOwner) counters.add('skipped', blocks.events(row));
      return undefined;
    }
    if (!this.#share.mayHold(blocks, row)) return undefined;
    const file = this.#files[this.#data.partOfBlock[row] ?? 0] as DiskFile;
    const isWhole = this.reader.read(file, blocks, row);
    counters.add('bytesRead', blocks.bodyBytes(row));
    if (!isWhole) return this.#loseBlock(row, isOwner, origin, endTimeUs);
    this.spanRow = row;
    const span = this.#span;
    span.memory = this.reader.memory;
    span.endWord = blocks.payloadBytes(row) / 4;
    span.origin = origin;
    span.mayHoldOtherLanes = !this.#share.holdsOnlyOwn(blocks, row);
    span.mayHoldMarkers = blocks.markers(row) > 0;
    span.endTimeUs = endTimeUs;
    return span;
  }

  #loseBlock(
    row: number,
    isOwner: boolean,
    origin: Origin,
    endTimeUs: number,
  ): SlotSpan | undefined {
    Atomics.store(this.#data.damagedBlocks, row, BLOCK_FAULTS.indexOf(this.reader.fault));
    if (!isOwner) return undefined;
    const events = this.#blocks.events(row);
    this.#context.counters.add('bad', events);
    const startNs = this.#blocks.firstTimeNs(row);
    return this.#lossSpan(origin, events, startNs, this.#blocks.lastTimeNs(row), endTimeUs);
  }

  #passHole({ events, originIndex, startNs, endNs }: ReplayHole): SlotSpan {
    this.#context.counters.add('recorded', events);
    this.#context.counters.add('bad', events);
    const origin = this.#data.origins[originIndex] as Origin;
    const endTimeUs = this.#clocks.nowUs(originIndex);
    return this.#lossSpan(origin, events, startNs, endNs, endTimeUs);
  }

  /** A span of one loss marker: who reads the stream learns that events are missing here. */
  #lossSpan(
    origin: Origin,
    events: number,
    gapStartNs: bigint,
    tsNs: bigint,
    endTimeUs: number,
  ): SlotSpan {
    const bytes = writeLossMarker(this.#markerMemory, 0, {
      tsNs,
      gapStartNs,
      lostRingFull: 0,
      lostShedFirst: 0,
      lostShedLast: 0,
      lostDamaged: events,
      lane: this.#context.lane,
    });
    return {
      memory: this.#markerMemory,
      startWord: 0,
      endWord: bytes / 4,
      origin,
      mayBeBusy: false,
      mayHoldOtherLanes: false,
      mayHoldMarkers: true,
      endTimeUs,
    };
  }

  /** Empty spans with the end time of each origin, which is the same in every lane, whatever it read. */
  #nextEndTime(): SlotSpan | typeof SOURCE_END {
    const originIndex = this.#endOrigin++;
    const origin = this.#data.origins[originIndex];
    if (origin === undefined) return SOURCE_END;
    return {
      memory: this.#markerMemory,
      startWord: 0,
      endWord: 0,
      origin,
      mayBeBusy: false,
      mayHoldOtherLanes: false,
      mayHoldMarkers: false,
      endTimeUs: this.#clocks.nowUs(originIndex),
    };
  }
}
