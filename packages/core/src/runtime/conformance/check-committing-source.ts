import type { OpenSource, Source } from '../../contracts/source.ts';
import { SOURCE_END, SOURCE_IDLE, type LaneSource } from '../../contracts/source.ts';
import type { SlotSpan } from '../../slot/slot-span.ts';
import { EventLoopYield } from '../../slot/waiting/event-loop-yield.ts';
import { walkSlots } from '../../slot/walk-slots.ts';
import { digest } from './read-lane.ts';

/** How a source that commits is checked. */
export interface CheckCommittingSourceOptions {
  /** Events that lie there and are not committed: a reading is over once it has seen so many, or `idleEndMs` after the last. */
  readonly events: number;
  /** Lanes that read at once; default 1. */
  readonly lanes?: number;
  /** So long without anything to read is the end of what there is, also from the start on: longer than joining a group takes; default 2000. */
  readonly idleEndMs?: number;
}

/** Of one lane: the events of each span, in order. */
type LaneSpans = readonly (readonly string[])[];
/** How many spans of so many a reading acknowledges. */
type Share = (spans: number) => number;

/** How long after it has stopped a lane may take to its end. */
const END_WITHIN_MS = 5000;

const NONE: Share = () => 0;
const HALF: Share = (spans) => Math.floor(spans / 2);
const ALL: Share = (spans) => spans;

/**
 * Reads a source that commits four times, as runs would that end one after another: the first acknowledges nothing, the second half of its spans, the third all, and the fourth finds
 * nothing more.
 *
 *   SO16  opened again it gives every event of the spans that it was not told of
 *   SO17  what it was told of until it was closed is committed: opened again it gives none of the events of a reading whose spans were all acknowledged
 *   SO18  it takes note until its lane's end is closed, after it has given its last span too, without a throw; a lane comes to its end once the source has stopped
 *
 * @returns the rules that are broken, each with what was seen; empty where all are kept.
 */
export async function checkCommittingSource(
  source: Source,
  options: CheckCommittingSourceOptions,
): Promise<string[]> {
  const broken: string[] = [];
  // Only the first knows how many there are: a source that does not commit gives more than is left.
  const read = (events: number, share: Share): Promise<LaneSpans[]> =>
    readAll(source, { ...options, events }, share, broken);
  try {
    const first = await read(options.events, NONE);
    if (first.every((spans) => spans.every((span) => span.length === 0))) {
      return ['SO16: it gave no event at all'];
    }
    const second = await read(options.events, HALF);
    checkGivenAgain('after a reading that acknowledged nothing', first, NONE, second, broken);
    const third = await read(Infinity, ALL);
    checkGivenAgain('after a reading that acknowledged half', second, HALF, third, broken);
    const more = (await read(Infinity, NONE)).flat(2).length;
    if (more > 0) {
      broken.push(`SO17: after a reading that acknowledged all it gave ${more} events again`);
    }
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    broken.push(text.startsWith('SO18') ? text : `SO1: ${text}`);
  }
  return [...new Set(broken)];
}

function checkGivenAgain(
  when: string,
  before: readonly LaneSpans[],
  share: Share,
  after: readonly LaneSpans[],
  broken: string[],
): void {
  const given = new Map<string, number>();
  for (const event of after.flat(2)) given.set(event, (given.get(event) ?? 0) + 1);
  let missing = 0;
  for (const event of eventsBehind(before, share)) {
    const count = given.get(event) ?? 0;
    if (count === 0) missing++;
    else given.set(event, count - 1);
  }
  if (missing > 0) broken.push(`SO16: ${when} it left out ${missing} events of other spans`);
}

function eventsBehind(lanes: readonly LaneSpans[], share: Share): string[] {
  return lanes.flatMap((spans) => spans.slice(share(spans.length)).flat());
}

/** One run: opened, read with all lanes, stopped, acknowledged, closed. */
async function readAll(
  source: Source,
  { events, lanes = 1, idleEndMs = 2000 }: CheckCommittingSourceOptions,
  share: Share,
  broken: string[],
): Promise<LaneSpans[]> {
  const opened = await source.open({ lanes, plans: [] });
  const reading = new Reading(events, idleEndMs);
  const ends: LaneSource[] = [];
  try {
    for (let lane = 0; lane < lanes; lane++) ends.push(await openLane(source, opened, lane, lanes));
    await opened.start?.();
    const read = ends.map((end) => readLane(end, reading, opened.stop !== undefined));
    await reading.isOver;
    await opened.stop?.();
    const spans = await Promise.all(read);
    for (const [lane, end] of ends.entries()) {
      tellAll(end, share(spans[lane]?.length ?? 0), broken);
    }
    return spans;
  } finally {
    for (const end of ends) await end.close();
    await opened.close();
  }
}

function openLane(
  source: Source,
  opened: OpenSource,
  lane: number,
  lanes: number,
): Promise<LaneSource> {
  const laneData = structuredClone(opened.laneData(lane));
  const counters = { add: () => {} };
  return source.openLane({ lane, lanes, laneData, plans: [], counters });
}

/** In several steps, as sinks come further: the first at the half. */
function tellAll(end: LaneSource, spans: number, broken: string[]): void {
  try {
    for (const told of new Set([Math.ceil(spans / 2), spans])) {
      if (told > 0) end.acknowledge?.(told);
    }
  } catch (error) {
    broken.push(`SO18: told of ${spans} spans it throws ${String(error)}`);
  }
}

/** What ends the reading of all lanes. */
class Reading {
  readonly isOver: Promise<void>;
  readonly #idleEndMs: number;
  #wanted: number;
  #lastMs: number;
  #end: () => void;
  #hasEnded: boolean;

  constructor(events: number, idleEndMs: number) {
    this.#idleEndMs = idleEndMs;
    this.#wanted = events;
    this.#lastMs = performance.now();
    this.#end = () => {};
    this.#hasEnded = false;
    this.isOver = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Whether a lane should have come to its end by now. */
  get isLate(): boolean {
    return this.#hasEnded && performance.now() - this.#lastMs > this.#idleEndMs + END_WITHIN_MS;
  }

  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#lastMs = performance.now();
    this.#end();
  }

  take(events: number): void {
    if (this.#hasEnded) return;
    this.#wanted -= events;
    this.#lastMs = performance.now();
    if (this.#wanted <= 0) this.end();
  }

  idle(): void {
    if (performance.now() - this.#lastMs > this.#idleEndMs) this.end();
  }
}

/** To the end of what there is: of a source that stops, to its end. */
async function readLane(end: LaneSource, reading: Reading, canStop: boolean): Promise<LaneSpans> {
  const spans: string[][] = [];
  const turn = new EventLoopYield();
  let walkedToWord = 0;
  for (;;) {
    if (reading.hasEnded && !canStop) break;
    if (turn.isDue) await turn.yield();
    const span = end.next(walkedToWord);
    if (span === SOURCE_END) break;
    if (span === SOURCE_IDLE) {
      reading.idle();
      if (reading.isLate) throw new Error('SO18: a lane has no end though the source has stopped');
      await end.wait(10);
      continue;
    }
    const events = digestsOf(span);
    spans.push(events);
    walkedToWord = span.endWord;
    reading.take(events.length);
  }
  reading.end();
  return spans;
}

function digestsOf(span: SlotSpan): string[] {
  const { u8 } = span.memory;
  const digests: string[] = [];
  walkSlots(span, (word, bytes) => {
    digests.push(`${span.origin.id} ${digest(u8, word, bytes)}`);
  });
  return digests;
}
