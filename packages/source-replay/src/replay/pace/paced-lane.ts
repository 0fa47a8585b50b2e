/*
 * A lane's end of a paced replay: takes spans of another source's end and hands each over in pieces, the slots whose time has come. Lives in the lane's thread.
 *
 * A piece is a part of the span: nothing is copied. Slots that go back in time are due already, so the order stays and nobody waits backwards.
 */
import {
  Kind,
  laneOf,
  type LaneSource,
  type Origin,
  type SlotSpan,
  SOURCE_END,
  SOURCE_IDLE,
  type SourceLaneContext,
} from '@sockflow/core';

import { PaceBoard } from './pace-board.ts';
import { PaceClock } from './pace-clock.ts';
import { type Pace, type WantedTime, wantedTime } from './pace.ts';
import { SpanTimes } from './span-times.ts';

type Piece = { -readonly [Field in keyof SlotSpan]: SlotSpan[Field] };

/** So soon a lane in a gap of an hour hears that the run is to end. */
const LONGEST_SLEEP_MS = 50;
const KIND_WORD = 2;
const LANE_KEY_WORD = 11;

/** A lane of a replay at a pace. */
export class PacedLane implements LaneSource {
  readonly #inner: LaneSource;
  readonly #context: SourceLaneContext;
  readonly #pace: Pace;
  readonly #board: PaceBoard;
  readonly #clock: PaceClock;
  readonly #wanted: WantedTime;
  readonly #origins: readonly Origin[];
  readonly #times = new SpanTimes();
  /** The span under way, of which slots from `#index` on are not given; `undefined` between two. */
  #span: SlotSpan | undefined;
  #index = 0;
  #shiftUs = 0;
  #piece: Piece | undefined;

  constructor(
    inner: LaneSource,
    context: SourceLaneContext,
    pace: Pace,
    origins: readonly Origin[],
  ) {
    this.#inner = inner;
    this.#context = context;
    this.#pace = pace;
    this.#board = new PaceBoard(pace.board);
    this.#clock = new PaceClock(this.#board, pace.speed);
    this.#wanted = wantedTime(context.plans);
    this.#origins = origins;
  }

  next(): SlotSpan | typeof SOURCE_IDLE | typeof SOURCE_END {
    if (this.#span === undefined) {
      const span = this.#inner.next();
      if (span === SOURCE_IDLE || span === SOURCE_END) return span;
      if (span.startWord === span.endWord) return span;
      this.#begin(span);
      // Nothing in it is whole: there is no time to wait for.
      if (this.#times.count === 0) {
        this.#span = undefined;
        return span;
      }
    }
    return this.#nextPiece();
  }

  /** Until the next event's time has come, or `timeoutMs`. Blocks the thread for its last two milliseconds at most. */
  async wait(timeoutMs: number): Promise<void> {
    if (this.#span === undefined) return this.#inner.wait(timeoutMs);
    const dueUs = this.#times.timeUs(this.#index) + this.#shiftUs;
    await this.#clock.sleepUntil(dueUs, Math.min(timeoutMs, LONGEST_SLEEP_MS));
  }

  async close(): Promise<void> {
    this.#board.notDue(this.#context.lane, this.#eventsLeft());
    await this.#inner.close();
  }

  #begin(span: SlotSpan): void {
    this.#span = span;
    this.#index = 0;
    this.#shiftUs = this.#pace.shiftsUs[this.#origins.indexOf(span.origin)] ?? 0;
    this.#times.read(span);
    this.#piece = { ...span };
    this.#clock.start();
  }

  #nextPiece(): SlotSpan | typeof SOURCE_IDLE {
    const span = this.#span as SlotSpan;
    const times = this.#times;
    const nowUs = this.#clock.nowUs() - this.#shiftUs;
    const start = this.#index;
    let end = start;
    while (end < times.count && this.#isDue(times.timeUs(end), nowUs)) end++;
    if (end === start) return SOURCE_IDLE;
    this.#noteBehind(times.timeUs(start), nowUs);
    const piece = this.#piece as Piece;
    piece.startWord = times.word(start);
    piece.endWord = end === times.count ? span.endWord : times.word(end);
    // What comes later is no older than what is left of the span, and than what the source said of its end.
    piece.endTimeUs = end === times.count ? span.endTimeUs : this.#endTimeUs(span, end, nowUs);
    this.#index = end;
    if (end === times.count) this.#span = undefined;
    return piece;
  }

  #endTimeUs(span: SlotSpan, index: number, nowUs: number): number {
    return Math.min(span.endTimeUs, this.#times.earliestUs(index), nowUs);
  }

  #isDue(timeUs: number, nowUs: number): boolean {
    return timeUs <= nowUs || timeUs < this.#wanted.startUs || timeUs >= this.#wanted.endUs;
  }

  #noteBehind(timeUs: number, nowUs: number): void {
    if (timeUs < this.#wanted.startUs || timeUs >= this.#wanted.endUs) return;
    this.#board.behind(this.#context.lane, (nowUs - timeUs) / 1000 / this.#pace.speed);
  }

  #eventsLeft(): number {
    if (this.#span === undefined) return 0;
    const { memory, mayHoldOtherLanes } = this.#span;
    const { lane, lanes } = this.#context;
    let events = 0;
    for (let index = this.#index; index < this.#times.count; index++) {
      const word = this.#times.word(index);
      const kind = (memory.u32[word + KIND_WORD] ?? 0) & 0xff;
      if (kind === Kind.LOSS_MARKER || kind === Kind.CLOCK_ANCHOR) continue;
      const isOwn =
        !mayHoldOtherLanes || laneOf(memory.u32[word + LANE_KEY_WORD] ?? 0, lanes) === lane;
      if (isOwn) events++;
    }
    return events;
  }
}
