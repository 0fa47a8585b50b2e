import type { Origin } from '@sockflow/core';

import { type HeldSpan, NO_PART } from './held-span.ts';

/**
 * The spans of blocks that overlap in time, in the order in which they came: those of a window of lane groups, of several parts, of several recordings. Their slots are handed
 * over in the order of time, except where the order of the recording must stay.
 */
export class HeldSpans {
  readonly #spans: HeldSpan[] = [];

  get count(): number {
    return this.#spans.length;
  }

  get all(): readonly HeldSpan[] {
    return this.#spans;
  }

  add(span: HeldSpan): void {
    this.#spans.push(span);
  }

  remove(span: HeldSpan): void {
    this.#spans.splice(this.#spans.indexOf(span), 1);
  }

  /** Whether one of them keeps its place to everything: nothing may be read beyond it. */
  get holdsFence(): boolean {
    return this.#spans.some(({ part }) => part === NO_PART);
  }

  /** The span whose slot comes next; of several that are due alike, the one that came first. */
  get first(): HeldSpan | undefined {
    let first: HeldSpan | undefined;
    for (let at = 0; at < this.#spans.length; at++) {
      const span = this.#spans[at] as HeldSpan;
      if (this.#mustWait(span, at)) continue;
      if (first === undefined || span.dueUs < first.dueUs) first = span;
    }
    return first;
  }

  /** When another span than this one has a slot that is due, us. */
  dueBesideUs(first: HeldSpan): number {
    let dueUs = Infinity;
    for (let at = 0; at < this.#spans.length; at++) {
      const span = this.#spans[at] as HeldSpan;
      if (span === first || this.#mustWait(span, at)) continue;
      dueUs = Math.min(dueUs, span.dueUs);
    }
    return dueUs;
  }

  /** The earliest time of what is left of an origin's spans, us since boot; Infinity where nothing is. */
  earliestUs(origin: Origin): number {
    let earliestUs = Infinity;
    for (const span of this.#spans) {
      if (span.origin === origin) earliestUs = Math.min(earliestUs, span.earliestUs);
    }
    return earliestUs;
  }

  #mustWait(span: HeldSpan, at: number): boolean {
    for (let before = 0; before < at; before++) {
      if (span.waitsFor(this.#spans[before] as HeldSpan)) return true;
    }
    return false;
  }
}
