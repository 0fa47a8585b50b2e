/*
 * A lane's end of a paced replay: hands over the slots of its blocks when their time has come. Lives in the lane's thread.
 *
 *   ReplayLane ──► blocks whose beginning is due ──► HeldSpans: the next slot of all of them ──► pieces of spans
 *
 * Blocks come in the order in which they begin, and those of a window of lane groups, or of several parts, overlap: so as many are held as have begun. Slots that go back in
 * time within a block are due already: nobody waits backwards.
 */
import {
  Kind,
  laneOf,
  type LaneSource,
  type Origin,
  SlotMemory,
  type SlotSpan,
  SOURCE_END,
  SOURCE_IDLE,
  type SourceLaneContext,
} from '@sockflow/core';

import { BlockReader, largestPayloadBytes } from '../../reader/block-reader.ts';
import { BlockTable } from '../../reader/block-table.ts';
import { ReplayLane, type ReplayLaneData } from '../replay-lane.ts';
import { HeldSpan, NO_PART } from './held-span.ts';
import { HeldSpans } from './held-spans.ts';
import { PaceBoard } from './pace-board.ts';
import { PaceClock } from './pace-clock.ts';
import { type Pace, type WantedTime, wantedTime } from './pace.ts';
import { startsUs } from './starts.ts';

/** So soon a lane in a gap of an hour hears that the run is to end; and so often it tells how far event time is. */
const LONGEST_SLEEP_MS = 50;
/** A block is read so long before it is due, so that reading does not make it late; of event time no more than a second. */
const READ_AHEAD_MS = 10;
const MAX_READ_AHEAD_US = 1_000_000;
/** Blocks read in one call of `next`: keeps it below a few milliseconds. */
const MAX_READS = 4;
/** As many as the groups of a window. More are held where more overlap: then the order across connections is that of the blocks. */
const MAX_HELD = 128;
/** Shorter pieces are put together: 32 slots. */
const MIN_PIECE_WORDS = 2048;
const GATHER_BYTES = 1 << 20;
const KIND_WORD = 2;
const LANE_KEY_WORD = 11;

/** A lane of a replay at a pace. */
export class PacedLane implements LaneSource {
  readonly #inner: ReplayLane;
  readonly #context: SourceLaneContext;
  readonly #data: ReplayLaneData['data'];
  readonly #blocks: BlockTable;
  readonly #pace: Pace;
  readonly #board: PaceBoard;
  readonly #clock: PaceClock;
  readonly #wanted: WantedTime;
  /** For each row, when the first of it and of those behind it begins, us since the start of the replay. */
  readonly #startsUs: Float64Array;
  readonly #largestBytes: number;
  readonly #held = new HeldSpans();
  /** Held spans that are done, to be used again. */
  readonly #free: HeldSpan[] = [];
  /** The span that was handed over to its end: its memory is free once the next is asked for. */
  #spent: HeldSpan | undefined;
  /** What the recording says of each origin's time so far, us since boot. */
  readonly #endTimesUs = new Map<Origin, number>();
  /** The ends of origins that were read while slots were held: told once nothing is. */
  readonly #ends: SlotSpan[] = [];
  /** The end time told last, us since the start of the replay. */
  #toldUs = 0;
  #isSkipping = false;
  #gathered: SlotMemory | undefined;

  constructor(context: SourceLaneContext, pace: Pace) {
    const { data } = context.laneData as ReplayLaneData;
    this.#inner = new ReplayLane(context);
    this.#context = context;
    this.#data = data;
    this.#blocks = new BlockTable(data.blockTable);
    this.#pace = pace;
    this.#board = new PaceBoard(pace.board);
    this.#clock = new PaceClock(this.#board, pace.speed);
    this.#wanted = wantedTime(context.plans);
    this.#startsUs = startsUs(data, this.#blocks, pace, this.#wanted);
    this.#largestBytes = largestPayloadBytes(this.#blocks);
  }

  next(): SlotSpan | typeof SOURCE_IDLE | typeof SOURCE_END {
    this.#recycle();
    this.#isSkipping = false;
    if (this.#held.count === 0 && this.#ends.length > 0) return this.#ends.shift() as SlotSpan;
    for (let reads = 0; this.#isReadDue(); reads++) {
      if (reads === MAX_READS) {
        this.#isSkipping = true;
        return SOURCE_IDLE;
      }
      const span = this.#inner.next();
      if (span === SOURCE_END) return span;
      if (span === SOURCE_IDLE) {
        this.#isSkipping = true;
        return span;
      }
      if (this.#hold(span)) continue;
      if (this.#held.count === 0) return span;
      if (span.startWord < span.endWord) return this.#besideHeld(span);
      // Behind its last block a lane passes those of others, and comes to the end of the recording, long before it is due.
      this.#endTimesUs.set(span.origin, span.endTimeUs);
      this.#ends.push({ ...span });
    }
    return this.#nextPiece();
  }

  /** Until the next event's time has come, or `timeoutMs`. Blocks the thread for its last two milliseconds at most. */
  async wait(timeoutMs: number): Promise<void> {
    if (this.#isSkipping) return this.#inner.wait();
    const dueUs = Math.min(this.#held.first?.dueUs ?? Infinity, this.#readDueUs());
    await this.#clock.sleepUntil(dueUs, Math.min(timeoutMs, LONGEST_SLEEP_MS));
  }

  async close(): Promise<void> {
    this.#board.notDue(this.#context.lane, this.#eventsLeft());
    await this.#inner.close();
  }

  #isReadDue(): boolean {
    return this.#held.count === 0 || this.#readDueUs() <= this.#clock.nowUs();
  }

  /** When the next block is to be read, if it may be while others are held, us. */
  #readDueUs(): number {
    if (this.#held.count >= MAX_HELD || this.#held.holdsFence) return Infinity;
    const startUs = this.#startsUs[this.#inner.row] ?? Infinity;
    return startUs - Math.min(READ_AHEAD_MS * 1000 * this.#pace.speed, MAX_READ_AHEAD_US);
  }

  /** @returns false where there is no slot in it to wait for */
  #hold(span: SlotSpan): boolean {
    if (span.startWord === span.endWord) return false;
    const row = this.#inner.spanRow;
    const held = this.#free.pop() ?? new HeldSpan(span);
    const originIndex = this.#data.origins.indexOf(span.origin);
    // A marker of loss is of no block.
    const part = row === undefined ? NO_PART : (this.#data.partOfBlock[row] ?? 0);
    held.hold(span, part, this.#pace.shiftsUs[originIndex] ?? 0, this.#wanted);
    if (held.isDone) {
      this.#free.push(held);
      return false;
    }
    this.#endTimesUs.set(span.origin, span.endTimeUs);
    if (row !== undefined) {
      const { reader } = this.#inner;
      this.#inner.reader = held.reader ?? new BlockReader(this.#largestBytes);
      held.reader = reader;
    }
    this.#held.add(held);
    this.#clock.start();
    return true;
  }

  /** A span without a slot to wait for: what is held may be older than the time behind it. */
  #besideHeld(span: SlotSpan): SlotSpan {
    const heldUs = this.#held.earliestUs(span.origin);
    return { ...span, endTimeUs: Math.min(span.endTimeUs, heldUs) };
  }

  #nextPiece(): SlotSpan | typeof SOURCE_IDLE {
    const nowUs = this.#clock.nowUs();
    const first = this.#held.first as HeldSpan;
    const { dueUs } = first;
    if (dueUs > nowUs) return this.#timePassed(first, nowUs) ?? SOURCE_IDLE;
    if (dueUs !== -Infinity) {
      this.#board.behind(this.#context.lane, (nowUs - dueUs) / 1000 / this.#pace.speed);
    }
    const piece = first.take(Math.min(nowUs, this.#held.dueBesideUs(first)));
    if (first.isDone) {
      this.#held.remove(first);
      this.#spent = first;
    }
    const next = this.#held.first;
    const isShort = piece.endWord - piece.startWord < MIN_PIECE_WORDS;
    if (isShort && next !== undefined && this.#fits(next, first, nowUs)) {
      return this.#gather(first, piece, nowUs);
    }
    piece.endTimeUs = this.#endTimeUs(first, nowUs);
    return piece;
  }

  /** Whether what is due of a span can be given together with what is due of another. */
  #fits(next: HeldSpan, { origin, times }: HeldSpan, nowUs: number): boolean {
    return next.origin === origin && next.dueUs <= nowUs && !times.isDamaged;
  }

  /**
   * What is due of several blocks that overlap, put together slot by slot: pieces of a slot or two would cost a turn of the lane each. That is the one place where slots are copied.
   */
  #gather(first: HeldSpan, piece: SlotSpan, nowUs: number): SlotSpan {
    const gathered = (this.#gathered ??= SlotMemory.allocate(GATHER_BYTES));
    let endWord = 0;
    let [mayHoldOtherLanes, mayHoldMarkers] = [piece.mayHoldOtherLanes, piece.mayHoldMarkers];
    const append = ({ memory, startWord, endWord: end }: SlotSpan): void => {
      gathered.u32.set(memory.u32.subarray(startWord, end), endWord);
      endWord += end - startWord;
    };
    append(piece);
    let from = first;
    for (;;) {
      const next = this.#held.first;
      if (next === undefined || !this.#fits(next, from, nowUs)) break;
      if (endWord + next.leftWords > gathered.u32.length) break;
      const more = next.take(Math.min(nowUs, this.#held.dueBesideUs(next)));
      append(more);
      mayHoldOtherLanes ||= more.mayHoldOtherLanes;
      mayHoldMarkers ||= more.mayHoldMarkers;
      if (next.isDone) {
        this.#held.remove(next);
        this.#free.push(next);
      }
      from = next;
    }
    const endTimeUs = this.#endTimeUs(first, nowUs);
    return {
      ...piece,
      memory: gathered,
      startWord: 0,
      endWord,
      mayHoldOtherLanes,
      mayHoldMarkers,
      endTimeUs,
    };
  }

  /** What comes later is no older than what is left of the spans, than what the recording says of its blocks, and than now. */
  #endTimeUs({ origin, shiftUs }: HeldSpan, nowUs: number): number {
    const ofBlocksUs = this.#endTimesUs.get(origin) ?? 0;
    const endTimeUs = Math.min(ofBlocksUs, this.#held.earliestUs(origin), nowUs - shiftUs);
    this.#toldUs = Math.max(endTimeUs + shiftUs, this.#toldUs);
    return endTimeUs;
  }

  /** In a gap event time goes on, as it does on an idle lane of a live source: an empty span, now and then. */
  #timePassed(first: HeldSpan, nowUs: number): SlotSpan | undefined {
    if (nowUs - this.#toldUs < LONGEST_SLEEP_MS * 1000 * this.#pace.speed) return undefined;
    const toldUs = this.#toldUs;
    const endTimeUs = this.#endTimeUs(first, nowUs);
    if (this.#toldUs === toldUs) return undefined;
    return {
      memory: first.memory,
      startWord: 0,
      endWord: 0,
      origin: first.origin,
      mayBeBusy: false,
      mayHoldOtherLanes: false,
      mayHoldMarkers: false,
      endTimeUs,
    };
  }

  /** The memory handed over before is the next block's. */
  #recycle(): void {
    if (this.#spent === undefined) return;
    this.#free.push(this.#spent);
    this.#spent = undefined;
  }

  #eventsLeft(): number {
    return this.#held.all.reduce((sum, span) => sum + this.#eventsLeftOf(span), 0);
  }

  #eventsLeftOf({ times, index: start, memory, mayHoldOtherLanes }: HeldSpan): number {
    const { lane, lanes } = this.#context;
    let events = 0;
    for (let index = start; index < times.count; index++) {
      const word = times.word(index);
      const kind = (memory.u32[word + KIND_WORD] ?? 0) & 0xff;
      if (kind === Kind.LOSS_MARKER || kind === Kind.CLOCK_ANCHOR) continue;
      const isOwn =
        !mayHoldOtherLanes || laneOf(memory.u32[word + LANE_KEY_WORD] ?? 0, lanes) === lane;
      if (isOwn) events++;
    }
    return events;
  }
}
