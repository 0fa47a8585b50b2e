import assert from 'node:assert/strict';

import {
  isBatch,
  type LentBatch,
  lendBatch,
  Op,
  type Origin,
  type Sink,
  type SinkContext,
  type SinkReport,
  type SinkWriter,
  SLOT_WORDS,
  SlotMemory,
  writeContextEvent,
  writeLossMarker,
} from '@sockflow/core';

export const HOST_A: Origin = { id: 'host-a' };
export const HOST_B: Origin = { id: 'host-b' };

/** What was delivered, in its order: `e7` an event, `m8` a loss marker, `v9` a value, each with its number; `b:` before those of the second origin. */
export type Delivered = string[];

/** Makes inputs whose items are numbered through. */
export class Numbered {
  readonly given: Delivered = [];
  #next: number;

  /** @param first - the first number */
  constructor(first = 1) {
    this.#next = first;
  }

  /** A batch; `m` in the pattern is a marker, anything else an event. Give it back with `release` after the write. */
  batch(pattern: string, origin: Origin = HOST_A): LentBatch {
    const memory = SlotMemory.allocate(Math.max(1, pattern.length) * SLOT_WORDS * 4);
    const words: number[] = [];
    const markerWords: number[] = [];
    for (const [index, kind] of pattern.split('').entries()) {
      const number = this.#next++;
      const word = index * SLOT_WORDS;
      if (kind === 'm') writeMarker(memory, word, BigInt(number));
      else writeEvent(memory, word, BigInt(number));
      (kind === 'm' ? markerWords : words).push(word);
      this.given.push(labelOf(kind === 'm' ? 'm' : 'e', number, origin));
    }
    const selection = {
      memory,
      words: Uint32Array.from(words),
      size: words.length,
      markerWords: Uint32Array.from(markerWords),
      markerCount: markerWords.length,
    };
    return lendBatch(selection, origin, this.#next);
  }

  events(count: number, origin: Origin = HOST_A): LentBatch {
    return this.batch('e'.repeat(count), origin);
  }

  value(): { readonly number: bigint; readonly when: Date } {
    const number = this.#next++;
    this.given.push(labelOf('v', number, HOST_A));
    return { number: BigInt(number), when: new Date(number) };
  }
}

/** What lies where: in order, as {@link Delivered} says. */
export function itemsOf(input: unknown): Delivered {
  if (!isBatch(input)) return [labelOf('v', Number((input as { number: bigint }).number), HOST_A)];
  const { memory, words, size, markerWords, markerCount } = input.raw;
  const all = [
    ...[...words.subarray(0, size)].map((word) => ['e', word] as const),
    ...[...markerWords.subarray(0, markerCount)].map((word) => ['m', word] as const),
  ].toSorted(([, one], [, other]) => one - other);
  return all.map(([kind, word]) => labelOf(kind, Number(memory.big[word / 2 + 2]), input.origin));
}

function labelOf(kind: 'e' | 'm' | 'v', number: number, origin: Origin): string {
  return `${origin.id === HOST_B.id ? 'b:' : ''}${kind}${number}`;
}

function writeEvent(memory: SlotMemory, word: number, tsNs: bigint): void {
  writeContextEvent(memory, word, {
    op: Op.RTT_CB,
    family: 2,
    cookie: 1n,
    netns_cookie: 1n,
    ts_boot_ns: tsNs,
    local_port: 80,
    remote_port: 443 * 65536,
    is_fullsock: 1,
    state: 1,
    args: [1, 4, 0, 0],
    has_skb: 0,
  });
}

function writeMarker(memory: SlotMemory, word: number, tsNs: bigint): void {
  const lost = { lostRingFull: 3, lostShedFirst: 0, lostShedLast: 0, lostDamaged: 0 };
  writeLossMarker(memory, word, { tsNs, gapStartNs: tsNs, ...lost, lane: 0 });
}

/**
 * How the destination is.
 *
 *   up       takes everything and acknowledges it a turn later
 *   silent   takes everything, acknowledges nothing, and holds its writer back
 *   gone     refuses to be opened, written and flushed, as an unreachable peer does
 *   refuses  refuses with an error that no second try mends
 */
export type Mood = 'up' | 'silent' | 'gone' | 'refuses';

/** A destination that outlives its writers. Its writers hold what they took until it is acknowledged, and lose it with the connection, as a socket does. */
export class Destination implements Sink {
  readonly name = 'destination';
  readonly accepts = 'both';
  readonly delivered: Delivered = [];
  /** Whether it acknowledges only when flushed. */
  acknowledgesLate = false;
  opens = 0;
  refusal: Error = new TypeError('this is refused');
  #mood: Mood = 'up';
  #waiting: (() => void)[] = [];

  get mood(): Mood {
    return this.#mood;
  }

  set mood(mood: Mood) {
    this.#mood = mood;
    for (const changed of this.#waiting.splice(0)) changed();
  }

  /** Settles when the mood is another one. */
  changed(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  throwMood(): void {
    if (this.#mood === 'gone')
      throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    if (this.#mood === 'refuses') throw this.refusal;
  }

  open(_context?: SinkContext): SinkWriter {
    this.throwMood();
    this.opens++;
    return new DestinationWriter(this);
  }
}

class DestinationWriter implements SinkWriter {
  readonly #destination: Destination;
  #held: { readonly items: Delivered; readonly events: number }[] = [];
  #isBroken = false;
  #isClosed = false;
  acknowledged = 0;
  failed = 0;

  constructor(destination: Destination) {
    this.#destination = destination;
  }

  write(input: unknown): Promise<void> | void {
    if (this.#isClosed) throw new Error('written to after it was closed');
    this.#throwMood();
    this.#held.push({ items: itemsOf(input), events: isBatch(input) ? input.size : 1 });
    if (this.#destination.mood === 'silent') return this.#untilHeard();
    if (!this.#destination.acknowledgesLate) queueMicrotask(() => this.#take());
  }

  async flush(): Promise<void> {
    this.#throwMood();
    if (this.#destination.mood === 'silent') await this.#untilHeard();
    this.#throwMood();
    this.#take();
  }

  async close(): Promise<SinkReport> {
    this.#isClosed = true;
    if (this.#destination.mood === 'silent') await this.#untilHeard();
    if (!this.#isBroken && this.#destination.mood === 'up') this.#take();
    return { location: 'destination' };
  }

  async #untilHeard(): Promise<void> {
    while (this.#destination.mood === 'silent') await this.#destination.changed();
    this.#throwMood();
    if (!this.#destination.acknowledgesLate) this.#take();
  }

  #take(): void {
    if (this.#isBroken || this.#destination.mood !== 'up') return;
    for (const { items, events } of this.#held.splice(0)) {
      this.#destination.delivered.push(...items);
      this.acknowledged += events;
    }
  }

  #throwMood(): void {
    try {
      this.#destination.throwMood();
    } catch (error) {
      this.#isBroken = true;
      throw error;
    }
    if (this.#isBroken) throw new Error('the connection is lost');
  }
}

/** Whether everything that was given was delivered, in order: something a second time only where all from there on came again. @returns how many items came twice */
export function deliveredTwice(delivered: Delivered, given: Delivered): number {
  let next = 0;
  let twice = 0;
  const places = new Map(given.map((item, index) => [item, index]));
  for (const item of delivered) {
    const place = places.get(item);
    assert.ok(place !== undefined, `${item} was never given`);
    assert.ok(place <= next, `${item} came before ${given[next]}`);
    if (place < next) twice++;
    next = place + 1;
  }
  assert.equal(next, given.length, `${given[next]} and what follows never came`);
  return twice;
}
