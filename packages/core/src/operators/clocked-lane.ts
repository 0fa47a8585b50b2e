import type { LaneSource } from '../contracts/source.ts';
import { SOURCE_END, SOURCE_IDLE } from '../contracts/source.ts';
import { Kind } from '../schema/kind.ts';
import { type Origin, originAtClock } from '../schema/origin.ts';
import { findKind } from '../slot/find-kind.ts';
import { LENGTH_MASK, RING_HEADER_BYTES } from '../slot/layout.ts';
import type { SlotSpan } from '../slot/slot-span.ts';

const TIME_BIG = 2;
const REALTIME_BIG = 18;

type OwnSpan = { -readonly [Field in keyof SlotSpan]: SlotSpan[Field] };

/**
 * A lane's source whose spans know the wall clock by the last clock anchor before them: a span with anchors in it is given in pieces, each from an anchor on. So the wall time of an event is what its
 * host's clock said then, also after the clock was set.
 *
 * Lives in the lane's thread, between source and scan. Costs a look at the kind of each slot of spans that may hold markers, and nothing of others.
 */
export class ClockedLane implements LaneSource {
  readonly #source: LaneSource;
  /** By id: the origin as the source has it, and with the clock of the last anchor. */
  readonly #clocked: Map<string, { readonly given: Origin; readonly now: Origin }>;
  readonly #span: OwnSpan;
  /** Words at which the rest of the source's span is cut, and the origins from there on. */
  #cuts: readonly { readonly word: number; readonly origin: Origin }[];
  #endWord: number;
  #endTimeUs: number;
  #beforeUs: number;
  /** Of each origin, by the index of its id: no Map of numbers, which would allocate for each span. */
  readonly #indices: Map<string, number>;
  #endTimesUs: Float64Array;
  #spans: number;

  constructor(source: LaneSource) {
    this.#source = source;
    this.#clocked = new Map();
    this.#span = {} as OwnSpan;
    this.#cuts = [];
    this.#endWord = 0;
    this.#endTimeUs = 0;
    this.#beforeUs = 0;
    this.#indices = new Map();
    this.#endTimesUs = new Float64Array(16);
    this.#spans = 0;
  }

  /** Spans of the source that were given whole: of which no piece is left. */
  get wholeSpans(): number {
    return this.#cuts.length > 0 ? this.#spans - 1 : this.#spans;
  }

  /** Whether the source wants to know how many of its spans are done with. */
  get isAcknowledged(): boolean {
    return this.#source.acknowledge !== undefined;
  }

  acknowledge(spans: number): void {
    this.#source.acknowledge?.(spans);
  }

  next(walkedToWord?: number): SlotSpan | typeof SOURCE_IDLE | typeof SOURCE_END {
    if (this.#cuts.length > 0) return this.#nextPiece();
    const span = this.#source.next(walkedToWord);
    if (span === SOURCE_IDLE || span === SOURCE_END) return span;
    this.#spans++;
    const index = this.#indexOf(span.origin.id);
    const beforeUs = this.#endTimesUs[index] as number;
    this.#endTimesUs[index] = span.endTimeUs;
    if (!span.mayHoldMarkers && this.#clocked.size === 0) return span;
    return this.#clock(span, beforeUs);
  }

  wait(timeoutMs: number): Promise<void> {
    return this.#source.wait(timeoutMs);
  }

  close(): Promise<void> {
    return this.#source.close();
  }

  #clock(from: SlotSpan, beforeUs: number): SlotSpan {
    const before = this.#originOf(from.origin);
    const anchors = from.mayHoldMarkers ? this.#findAnchors(from) : [];
    // What is behind a busy slot is given again: such a span stays whole, and the clock is that of the next one.
    const cuts = from.mayBeBusy ? [] : anchors;
    const span = this.#span;
    Object.assign(span, from);
    span.origin = before;
    const [first] = cuts;
    if (first === undefined) return span;
    this.#endWord = from.endWord;
    this.#endTimeUs = from.endTimeUs;
    this.#beforeUs = beforeUs;
    // An anchor's own piece begins with it: where the span begins with one, that is the first piece.
    const isAtStart = first.word === from.startWord;
    this.#cuts = isAtStart ? cuts.slice(1) : cuts;
    if (isAtStart) span.origin = first.origin;
    this.#cut(span);
    return span;
  }

  #nextPiece(): SlotSpan {
    const [cut, ...rest] = this.#cuts as [{ word: number; origin: Origin }];
    this.#cuts = rest;
    const span = this.#span;
    span.startWord = cut.word;
    span.origin = cut.origin;
    this.#cut(span);
    return span;
  }

  /** Ends a piece where the next one begins. Only the last has the end time of all: what comes in between may be older. */
  #cut(span: OwnSpan): void {
    const next = this.#cuts[0];
    span.endWord = next?.word ?? this.#endWord;
    span.endTimeUs = next === undefined ? this.#endTimeUs : this.#beforeUs;
  }

  #indexOf(id: string): number {
    const known = this.#indices.get(id);
    if (known !== undefined) return known;
    const index = this.#indices.size;
    this.#indices.set(id, index);
    if (index === this.#endTimesUs.length) {
      const longer = new Float64Array(index * 2);
      longer.set(this.#endTimesUs);
      this.#endTimesUs = longer;
    }
    return index;
  }

  #originOf(given: Origin): Origin {
    const known = this.#clocked.get(given.id);
    return known === undefined || known.given !== given ? given : known.now;
  }

  #findAnchors(span: SlotSpan): { word: number; origin: Origin }[] {
    const { u32, big } = span.memory;
    const cuts: { word: number; origin: Origin }[] = [];
    const { endWord } = span;
    let word = findKind(span, span.startWord, Kind.CLOCK_ANCHOR);
    while (word < endWord) {
      const bootNs = big[word / 2 + TIME_BIG] as bigint;
      const realtimeNs = big[word / 2 + REALTIME_BIG] as bigint;
      const { clock } = this.#originOf(span.origin);
      const isKnown =
        clock !== undefined && clock.realtimeNs - clock.bootNs === realtimeNs - bootNs;
      if (!isKnown) {
        const origin = originAtClock(span.origin, { bootNs, realtimeNs });
        this.#clocked.set(span.origin.id, { given: span.origin, now: origin });
        cuts.push({ word, origin });
      }
      const next = word + (((u32[word] as number) & LENGTH_MASK) + RING_HEADER_BYTES) / 4;
      word = findKind(span, next, Kind.CLOCK_ANCHOR);
    }
    return cuts;
  }
}
