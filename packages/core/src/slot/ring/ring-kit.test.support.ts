import { Kind } from '../../schema/kind.ts';
import type { Origin } from '../../schema/origin.ts';
import type { SlotSpan } from '../slot-span.ts';
import { walkSlots } from '../walk-slots.ts';
import { RingConsumer } from './ring-consumer.ts';
import { createRingMemory, type RingMemory } from './ring-memory.ts';
import { RingProducer } from './ring-producer.ts';

/* What the tests of the ring share. A slot's value lies in every word of its record behind the first, so that a torn or foreign record shows. */

export const TEST_ORIGIN: Origin = { id: 'test' };

/** A step whose multiples a torn 64-bit word hardly ever is. */
export const CARRY_STEP: number = 2 ** 31 + 4099;

export interface TestRing {
  readonly memory: RingMemory;
  readonly producer: RingProducer;
  readonly consumer: RingConsumer;
}

export function openRing(capacityBytes = 4096, startPosition = 0n, maxSlots = 4096): TestRing {
  const memory = createRingMemory({ capacityBytes, startPosition });
  return {
    memory,
    producer: new RingProducer(memory),
    consumer: new RingConsumer(memory, { origin: TEST_ORIGIN, maxSlots }),
  };
}

/** Fills the record of the slot at `word`. */
export function fillRecord(words: Uint32Array, word: number, bytes: number, value: number): void {
  words[word + 2] = Kind.OP;
  words.fill(value, word + 3, word + bytes / 4);
}

/** Claims, fills and submits; false where there is no room. */
export function put(producer: RingProducer, value: number, bytes = 256): boolean {
  const word = producer.tryClaim(bytes);
  if (word < 0) return false;
  fillRecord(producer.memory.u32, word, bytes, value);
  producer.submit(word);
  return true;
}

/** The values of the slots in a span; throws at a record that is not whole. */
export function valuesOf(span: SlotSpan | undefined): number[] {
  if (span === undefined) return [];
  const values: number[] = [];
  const words = span.memory.u32;
  const walk = walkSlots(span, (word, bytes) => {
    const value = words[word + 3]!;
    for (let w = word + 3; w < word + bytes / 4; w++) {
      if (words[w] !== value) {
        throw new Error(`torn record at word ${word}: ${value}, then ${words[w]} at ${w - word}`);
      }
    }
    values.push(value);
  });
  if (walk.ended !== 'end') throw new Error(`the walk ended ${walk.ended} at ${walk.endWord}`);
  return values;
}

/** Peeks, reads and releases until the ring is empty. */
export function drain(consumer: RingConsumer): number[] {
  const values: number[] = [];
  for (let span = consumer.peek(); span !== undefined; span = consumer.peek()) {
    values.push(...valuesOf(span));
    consumer.release();
  }
  return values;
}

const DEADLINE_MS = 20_000;

/** Named states that two threads drive each other through: a number in shared memory that only grows. */
export class Stage {
  readonly #words: Int32Array;

  constructor(buffer: SharedArrayBuffer) {
    this.#words = new Int32Array(buffer, 0, 1);
  }

  /** Says that this thread has come to `state`. */
  arrive(state: number): void {
    Atomics.store(this.#words, 0, state);
    Atomics.notify(this.#words, 0);
  }

  /** Blocks until the other thread has come to `state`. */
  until(state: number): void {
    for (;;) {
      const seen = Atomics.load(this.#words, 0);
      if (seen >= state) return;
      if (Atomics.wait(this.#words, 0, seen, DEADLINE_MS) === 'timed-out') {
        throw new Error(`waited ${DEADLINE_MS} ms for state ${state}, still in ${seen}`);
      }
    }
  }

  /** Whether a thread has come to `state`. */
  hasCome(state: number): boolean {
    return Atomics.load(this.#words, 0) >= state;
  }

  /** As `until`, and where the other thread is running, both leave it within a fraction of a microsecond: for races. */
  spinUntil(state: number): void {
    for (let turn = 0; turn < 5000; turn++) {
      if (this.hasCome(state)) return;
    }
    this.until(state);
  }
}

/** Burns a little time; the races of a test begin at different distances by it. */
export function spin(turns: number): number {
  let sum = 0;
  for (let turn = 0; turn < turns; turn++) sum = (sum + turn) | 0;
  return sum;
}

/** A repeatable sequence of numbers in [0, limit). */
export function randomOf(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 0x1_0000_0000) * limit);
  };
}
