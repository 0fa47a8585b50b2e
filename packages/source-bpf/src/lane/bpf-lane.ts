/*
 * One lane's end of the kernel source: its ring, its clock, its sleep. In the lane's thread.
 *
 *   openLane -> a clock anchor -> spans of the ring, anchors, empty spans that move the time on -> (ended and read empty) last loss marker or empty span -> SOURCE_END
 *
 * The main thread owns the kernel's objects and outlives the lane; the lane has the ring's pages and borrows descriptors (OpenBpf.close comes after it).
 */
import {
  type LaneCounters,
  type LaneSource,
  type Origin,
  type SlotSpan,
  SOURCE_END,
  SOURCE_IDLE,
} from '@sockflow/core';

import type { NativeClocks } from '../native/binding-types.ts';
import type { SourceControl } from '../source-control.ts';
import type { BootClock } from './boot-clock.ts';
import type { LaneRing } from './lane-ring.ts';
import type { LaneSleep } from './lane-sleep.ts';
import { MarkerSpan } from './marker-span.ts';
import { TimeMark } from './time-mark.ts';

const ANCHOR_INTERVAL_US = 60e6;
/** On an idle ring the time moves on in steps, so that a lane that looks often is not given an empty span each time. */
const TIME_STEP_US = 20e3;

/** What a lane's end is made of. */
export interface BpfLaneOptions {
  readonly lane: number;
  readonly origin: Origin;
  readonly ring: LaneRing;
  readonly sleep: LaneSleep;
  readonly clock: BootClock;
  readonly control: SourceControl;
  readonly counters: LaneCounters;
  /** The clocks before the program was attached: no event is older. */
  readonly startClocks: NativeClocks;
}

/** A lane's end of the kernel source. */
export class BpfLane implements LaneSource {
  readonly #options: BpfLaneOptions;
  readonly #ring: LaneRing;
  readonly #control: SourceControl;
  readonly #markers: MarkerSpan;
  readonly #mark: TimeMark;
  readonly #span: { -readonly [K in keyof SlotSpan]: SlotSpan[K] };
  #nextAnchorUs: number;
  #countedEvents: number;
  #givenTimeUs: number;
  #hasGivenEnd: boolean;
  #isClosed: boolean;

  constructor(options: BpfLaneOptions) {
    this.#options = options;
    this.#ring = options.ring;
    this.#control = options.control;
    this.#markers = new MarkerSpan(options.origin);
    this.#mark = new TimeMark(Number(options.startClocks.bootNs / 1000n));
    this.#span = { ...this.#markers.time(0) };
    this.#nextAnchorUs = 0;
    this.#countedEvents = 0;
    this.#givenTimeUs = 0;
    this.#hasGivenEnd = false;
    this.#isClosed = false;
  }

  next(): SlotSpan | typeof SOURCE_IDLE | typeof SOURCE_END {
    if (this.#isClosed) return SOURCE_END;
    const ring = this.#ring;
    ring.release();
    // ORDER: ended → the ring (peek). PAIRS WITH SourceControl.end: a ring that is empty after it stays so (C2).
    const isEnded = this.#control.isEnded;
    // ORDER: the clock → how much is reserved. The other way round, what is reserved in between could be older than the mark says.
    const nowUs = this.#options.clock.nowUs();
    if (this.#nextAnchorUs === 0) return this.#firstAnchor(nowUs);
    if (!isEnded && nowUs >= this.#nextAnchorUs) return this.#nextAnchor(nowUs);
    if (!this.#mark.isSet) this.#mark.set(nowUs, ring.reservedPosition());
    const span = ring.peek();
    this.#mark.walkTo(ring.walkedPosition());
    this.#options.sleep.looked(span !== undefined);
    if (span !== undefined) return this.#pass(span);
    if (isEnded) return this.#nextEnd();
    if (this.#mark.passedUs - this.#givenTimeUs < TIME_STEP_US) return SOURCE_IDLE;
    return this.#timed(this.#markers.time(this.#mark.passedUs));
  }

  async wait(timeoutMs: number): Promise<void> {
    if (this.#isClosed || this.#control.isEnded) return;
    await this.#options.sleep.sleep(timeoutMs);
  }

  close(): Promise<void> {
    if (!this.#isClosed) {
      this.#isClosed = true;
      this.#options.sleep.close();
      this.#ring.close();
    }
    return Promise.resolve();
  }

  #pass(from: SlotSpan): SlotSpan {
    const { counters } = this.#options;
    const span = this.#span;
    span.memory = from.memory;
    span.startWord = from.startWord;
    span.endWord = from.endWord;
    span.mayHoldMarkers = from.mayHoldMarkers;
    span.endTimeUs = this.#mark.passedUs;
    counters.add('bytesRead', (from.endWord - from.startWord) * 4);
    const events = this.#ring.events;
    if (events > this.#countedEvents) counters.add('recorded', events - this.#countedEvents);
    this.#countedEvents = events;
    return this.#timed(span);
  }

  /** With the clocks from before the attachment: it is not newer than any event. Given however soon the source ended: without it a recording has no wall time. */
  #firstAnchor(nowUs: number): SlotSpan {
    this.#nextAnchorUs = nowUs + ANCHOR_INTERVAL_US;
    return this.#timed(this.#markers.anchor(this.#options.startClocks, this.#mark.passedUs));
  }

  #nextAnchor(nowUs: number): SlotSpan {
    const { clock, control, lane } = this.#options;
    this.#nextAnchorUs = nowUs + ANCHOR_INTERVAL_US;
    control.addAnchor(lane);
    return this.#timed(this.#markers.anchor(clock.sync(), this.#mark.passedUs));
  }

  /** Ended and read empty: one more span, with the end time that is the same in every lane. */
  #nextEnd(): SlotSpan | typeof SOURCE_END {
    if (this.#hasGivenEnd) return SOURCE_END;
    this.#hasGivenEnd = true;
    const { control, lane } = this.#options;
    this.#mark.end(Number(control.endNs / 1000n));
    const gap = control.gapOf(lane);
    if (gap === undefined) return this.#markers.time(this.#mark.passedUs);
    return this.#markers.loss(gap, lane, control.endNs, this.#mark.passedUs);
  }

  #timed(span: SlotSpan): SlotSpan {
    this.#givenTimeUs = span.endTimeUs;
    return span;
  }
}
