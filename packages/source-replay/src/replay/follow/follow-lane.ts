/*
 * A lane's end of a recording that is still written: goes from frame to frame by itself, in a descriptor of its own, as every other lane does. So lanes need not tell each other
 * anything, and all see the same blocks.
 */
import {
  type LaneSource,
  type Origin,
  type SlotSpan,
  SOURCE_END,
  SOURCE_IDLE,
  type SourceLaneContext,
  writeLossMarker,
  SlotMemory,
} from '@sockflow/core';

import { SourceError } from '../../errors.ts';
import { originText } from '../../format/origin-text.ts';
import { BlockReader } from '../../reader/block-reader.ts';
import { BlockTable } from '../../reader/block-table.ts';
import { plansExcludeBlock } from '../block-exclusion.ts';
import { LaneShare } from '../lane-share.ts';
import { FollowBoard } from './follow-board.ts';
import type { Followed } from './followed.ts';
import { type GrownBlock, type GrowingPart, PART_ENDS, PART_WAITS } from './growing-part.ts';
import { PartList } from './part-list.ts';
import { WindowTimes } from './window-times.ts';

/** How often a lane that has read all looks whether there is more. */
const POLL_MS = 20;
const MAX_SKIPS = 256;
/** Smallest memory for blocks: that of the usual size. */
const FIRST_PAYLOAD_BYTES = 512 << 10;

/** What a lane is given to follow; crosses threads by structured clone. */
export interface FollowLaneData {
  readonly followed: Followed;
  /** Of a FollowBoard. */
  readonly board: SharedArrayBuffer;
}

/** A lane's end of a recording that is followed. */
export class FollowLane implements LaneSource {
  readonly #context: SourceLaneContext;
  readonly #board: FollowBoard;
  readonly #parts: PartList;
  readonly #share: LaneShare;
  /** The header of the block under way. */
  readonly #block: BlockTable = BlockTable.allocate(1);
  #reader: BlockReader = new BlockReader(FIRST_PAYLOAD_BYTES);
  readonly #markerMemory: SlotMemory = SlotMemory.allocate(1024);
  /** Time of each origin's blocks so far, us since boot, by its text. */
  readonly #times = new Map<string, { origin: Origin; latestUs: number; endUs: number }>();
  readonly #windows = new WindowTimes();
  #hasFailed = false;
  #ends: { origin: Origin; latestUs: number }[] | undefined;

  constructor(context: SourceLaneContext) {
    const { followed, board } = context.laneData as FollowLaneData;
    this.#context = context;
    this.#board = new FollowBoard(board);
    this.#parts = new PartList(
      followed,
      () => this.#board.isInputEnded,
      (text) => {
        // All lanes come upon the same; one tells it.
        if (context.lane === 0) process.emitWarning(text, 'SockflowWarning');
      },
    );
    this.#share = new LaneShare(context.lane, context.lanes);
  }

  next(): SlotSpan | typeof SOURCE_IDLE | typeof SOURCE_END {
    if (this.#hasFailed) return this.#nextEnd();
    try {
      return this.#next();
    } catch (error) {
      // What was read is delivered; then the source's end tells of it, once for all lanes.
      if (!(error instanceof SourceError)) throw error;
      this.#board.fail(error);
      this.#hasFailed = true;
      return this.#nextEnd();
    }
  }

  #next(): SlotSpan | typeof SOURCE_IDLE | typeof SOURCE_END {
    for (let skips = 0; skips < MAX_SKIPS; skips++) {
      const [part, block] = this.#nextBlock();
      if (part === undefined) return block;
      const span = this.#take(part, block);
      if (span !== undefined) return span;
    }
    return SOURCE_IDLE;
  }

  async wait(timeoutMs: number): Promise<void> {
    await new Promise((resolve) => {
      setTimeout(resolve, Math.min(timeoutMs, POLL_MS));
    });
  }

  async close(): Promise<void> {
    this.#parts.close();
  }

  #nextBlock():
    | readonly [GrowingPart, GrownBlock]
    | readonly [undefined, SlotSpan | typeof SOURCE_IDLE | typeof SOURCE_END] {
    for (const part of this.#parts.open()) {
      if (this.#parts.isTwice(part)) continue;
      const block = part.next();
      if (block !== PART_WAITS && block !== PART_ENDS) return [part, block];
    }
    return [undefined, this.#parts.isEnded ? this.#nextEnd() : SOURCE_IDLE];
  }

  #take(part: GrowingPart, { header, origin }: GrownBlock): SlotSpan | undefined {
    const { counters, plans } = this.#context;
    const blocks = this.#block;
    blocks.set(0, header.bytes);
    const endTimeUs = this.#pass(origin, part);
    const isOwner = this.#share.isOwner(blocks, 0);
    if (isOwner) counters.add('recorded', blocks.events(0));
    if (plansExcludeBlock(plans, blocks, 0, origin.id)) {
      if (isOwner) counters.add('skipped', blocks.events(0));
      return undefined;
    }
    if (!this.#share.mayHold(blocks, 0)) return undefined;
    const payloadBytes = blocks.payloadBytes(0);
    if (payloadBytes > this.#reader.memory.u8.length) this.#reader = new BlockReader(payloadBytes);
    const isWhole = this.#reader.read(part, blocks, 0);
    counters.add('bytesRead', blocks.bodyBytes(0));
    const span = {
      memory: this.#reader.memory,
      startWord: 0,
      endWord: payloadBytes / 4,
      origin,
      mayBeBusy: false,
      mayHoldOtherLanes: !this.#share.holdsOnlyOwn(blocks, 0),
      mayHoldMarkers: blocks.markers(0) > 0,
      endTimeUs,
    };
    if (isWhole) return span;
    if (!isOwner) return undefined;
    counters.add('bad', blocks.events(0));
    this.#board.addBad(blocks.events(0));
    const bytes = writeLossMarker(this.#markerMemory, 0, {
      tsNs: blocks.lastTimeNs(0),
      gapStartNs: blocks.firstTimeNs(0),
      lostRingFull: 0,
      lostShedFirst: 0,
      lostShedLast: 0,
      lostDamaged: blocks.events(0),
      lane: this.#context.lane,
    });
    return {
      ...span,
      memory: this.#markerMemory,
      endWord: bytes / 4,
      mayHoldOtherLanes: false,
      mayHoldMarkers: true,
    };
  }

  /** How far an origin's time is with the block under way. */
  #pass(origin: Origin, part: GrowingPart): number {
    const key = originText(origin);
    const time = this.#times.get(key) ?? { origin, latestUs: 0, endUs: 0 };
    if (this.#parts.isOneStream) {
      this.#windows.add(key, this.#block, 0, part.laneGroups);
      time.endUs = this.#windows.endUs(key);
    }
    time.latestUs = Math.max(time.latestUs, this.#block.lastTimeUs(0));
    this.#times.set(key, time);
    return time.endUs;
  }

  /** Empty spans with the end time of each origin, which is the same in every lane. */
  #nextEnd(): SlotSpan | typeof SOURCE_END {
    this.#ends ??= [...this.#times.values()];
    const end = this.#ends.shift();
    if (end === undefined) return SOURCE_END;
    return {
      memory: this.#markerMemory,
      startWord: 0,
      endWord: 0,
      origin: end.origin,
      mayBeBusy: false,
      mayHoldOtherLanes: false,
      mayHoldMarkers: false,
      endTimeUs: end.latestUs,
    };
  }
}
