import type { Origin, SlotSpan } from '@sockflow/core';

import type { BlockReader } from '../../reader/block-reader.ts';
import type { WantedTime } from './pace.ts';
import { SpanTimes } from './span-times.ts';

type Piece = { -readonly [Field in keyof SlotSpan]: SlotSpan[Field] };

/** The part of a span that is of none: it keeps its place to everything. */
export const NO_PART = -1;

/** A span of which a beginning was handed over. */
export class HeldSpan {
  readonly times: SpanTimes = new SpanTimes();
  /** The memory it lies in. */
  reader: BlockReader | undefined;
  /** Index of its part, or {@link NO_PART}. */
  part: number = NO_PART;
  /** Index of the first slot that was not handed over. */
  index = 0;
  /** What is added to its times to get time since the start of the replay, us. */
  shiftUs = 0;
  mayHoldOtherLanes = false;
  readonly #piece: Piece;
  #endWord = 0;

  constructor(span: SlotSpan) {
    this.#piece = { ...span };
  }

  hold(span: SlotSpan, part: number, shiftUs: number, wanted: WantedTime): void {
    Object.assign(this.#piece, span);
    this.times.read(span, wanted);
    this.part = part;
    this.index = 0;
    this.shiftUs = shiftUs;
    this.mayHoldOtherLanes = span.mayHoldOtherLanes;
    this.#endWord = span.endWord;
  }

  get origin(): Origin {
    return this.#piece.origin;
  }

  get memory(): SlotSpan['memory'] {
    return this.#piece.memory;
  }

  get isDone(): boolean {
    return this.index >= this.times.count;
  }

  /** Words from its next slot to its end. */
  get leftWords(): number {
    return this.#endWord - this.times.word(this.index);
  }

  /** When its next slot is due, since the start of the replay, us. */
  get dueUs(): number {
    return this.times.dueUs(this.index) + this.shiftUs;
  }

  /** The earliest time of what is left of it, us since boot; Infinity where nothing is. */
  get earliestUs(): number {
    return this.times.earliestUs(this.index);
  }

  /** Takes the slots that are due by `untilUs`, and at least one. The piece is a part of the span: nothing is copied. */
  take(untilUs: number): Piece {
    const { times, shiftUs } = this;
    const piece = this.#piece;
    piece.startWord = times.word(this.index);
    // Others may wait for its markers, and come before what is behind them.
    const end = this.index < times.markersEnd ? times.markersEnd : times.count;
    this.index++;
    while (this.index < end && times.dueUs(this.index) + shiftUs <= untilUs) this.index++;
    // What is damaged behind the last slot goes with it.
    piece.endWord = this.isDone ? this.#endWord : times.word(this.index);
    return piece;
  }

  /** Whether this one, which came later, has to wait for an earlier one: events of a connection keep their order (F9), and markers theirs to all events. */
  waitsFor(earlier: HeldSpan): boolean {
    if (this.part === NO_PART || earlier.part === NO_PART) return true;
    if (this.part !== earlier.part) return false;
    const [own, others] = [this.times, earlier.times];
    // A marker begins its block where there are groups (F15): what comes after it need not wait for the rest of that.
    if (this.index < own.markersEnd || earlier.index < others.markersEnd) return true;
    return (
      (own.lowBuckets & others.lowBuckets) !== 0 || (own.highBuckets & others.highBuckets) !== 0
    );
  }
}
