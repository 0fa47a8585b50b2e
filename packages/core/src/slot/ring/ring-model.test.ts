import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { fillRecord, openRing, type TestRing, valuesOf } from './ring-kit.test.support.ts';
import { RING_FULL } from './ring-producer.ts';

const CAPACITY_BYTES = 4096;

interface Chunk {
  readonly value: number;
  readonly bytes: number;
  readonly word: number;
  state: 'open' | 'submitted' | 'skipped';
}

/** The ring as a plain array of what lies between its positions; the first `published` chunks of it may be read. */
class RingModel {
  readonly ring: TestRing;
  readonly #maxSlots: number;
  readonly #startPosition: bigint;
  #chunks: Chunk[];
  #published: number;
  #taken: number;
  #claimedBytes: number;
  #releasedBytes: number;
  #refused: number;
  #events: number;

  constructor(startPosition: bigint, maxSlots: number) {
    this.ring = openRing(CAPACITY_BYTES, startPosition, maxSlots);
    this.#maxSlots = maxSlots;
    this.#startPosition = startPosition;
    this.#chunks = [];
    this.#published = 0;
    this.#taken = 0;
    this.#claimedBytes = 0;
    this.#releasedBytes = 0;
    this.#refused = 0;
    this.#events = 0;
  }

  claim(bytes: number): void {
    const { producer } = this.ring;
    const word = producer.tryClaim(bytes);
    const restBytes = CAPACITY_BYTES - this.#offset(this.#claimedBytes);
    const padBytes = bytes > restBytes ? restBytes : 0;
    const usedBytes = this.#claimedBytes - this.#releasedBytes;
    if (usedBytes + padBytes + bytes > CAPACITY_BYTES) {
      assert.equal(word, RING_FULL);
      this.#refused++;
      this.#publishDone();
    } else {
      if (padBytes !== 0) this.#add(padBytes, -1, 'skipped');
      assert.equal(word * 4, this.#offset(this.#claimedBytes));
      fillRecord(producer.memory.u32, word, bytes, this.#claimedBytes);
      this.#add(bytes, word, 'open');
    }
    assert.equal(producer.refused, this.#refused);
  }

  finish(pick: number, state: 'submitted' | 'skipped'): void {
    const open = this.#chunks.filter((chunk) => chunk.state === 'open');
    const chunk = open[pick % Math.max(1, open.length)];
    if (chunk === undefined) return;
    chunk.state = state;
    if (state === 'submitted') this.ring.producer.submit(chunk.word);
    else this.ring.producer.abandon(chunk.word);
  }

  publish(): void {
    this.ring.producer.publish();
    this.#publishDone();
  }

  peek(): void {
    while (this.#taken === 0 && this.#published > 0) {
      this.#taken = this.#reach();
      if (this.#values().length === 0) this.#forget();
    }
    assert.deepEqual(valuesOf(this.ring.consumer.peek()), this.#values());
    assert.equal(this.#position(this.ring.memory.consumerPage), this.#releasedBytes);
  }

  release(): void {
    this.ring.consumer.release();
    this.#events += this.#values().length;
    this.#forget();
    assert.equal(this.#position(this.ring.memory.consumerPage), this.#releasedBytes);
  }

  /** What is left comes out whole and in order, once everything is submitted. */
  finishAll(): void {
    while (this.#chunks.some((chunk) => chunk.state === 'open')) this.finish(0, 'submitted');
    this.publish();
    assert.equal(this.#position(this.ring.memory.producerPage), this.#claimedBytes);
    do {
      this.release();
      this.peek();
    } while (this.#taken !== 0);
    assert.deepEqual(this.#chunks, []);
    assert.equal(this.ring.consumer.events, this.#events);
    assert.equal(this.ring.consumer.publishedEvents, this.#events);
  }

  #add(bytes: number, word: number, state: Chunk['state']): void {
    this.#chunks.push({ value: this.#claimedBytes >>> 0, bytes, word, state });
    this.#claimedBytes += bytes;
  }

  #offset(bytes: number): number {
    return Number((this.#startPosition + BigInt(bytes)) % BigInt(CAPACITY_BYTES));
  }

  #publishDone(): void {
    const firstOpen = this.#chunks.findIndex((chunk) => chunk.state === 'open');
    this.#published = firstOpen < 0 ? this.#chunks.length : firstOpen;
  }

  /** Published chunks up to the end of the memory, at most so many. */
  #reach(): number {
    let bytes = this.#offset(this.#releasedBytes);
    let count = 0;
    while (count < this.#published && count < this.#maxSlots && bytes < CAPACITY_BYTES) {
      bytes += this.#chunks[count]!.bytes;
      count++;
    }
    return count;
  }

  #values(): number[] {
    const taken = this.#chunks.slice(0, this.#taken);
    return taken.filter((chunk) => chunk.state === 'submitted').map((chunk) => chunk.value);
  }

  #forget(): void {
    for (const chunk of this.#chunks.slice(0, this.#taken)) this.#releasedBytes += chunk.bytes;
    this.#chunks = this.#chunks.slice(this.#taken);
    this.#published -= this.#taken;
    this.#taken = 0;
  }

  #position(page: SharedArrayBuffer): number {
    return Number(new BigUint64Array(page)[0]! - this.#startPosition);
  }
}

const COMMAND = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ type: fc.constant('claim'), n: fc.integer({ min: 0, max: 28 }) }),
  },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('submit'), n: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('abandon'), n: fc.nat(3) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constantFrom('publish', 'peek', 'release'),
      n: fc.constant(0),
    }),
  },
);

test('under any sequence of calls the ring is a plain array: same refusals, same spans, same counts', () => {
  const starts = fc.bigInt({ min: 0n, max: 200n }).map((lines) => 2n ** 32n - lines * 64n);
  const property = fc.property(
    starts,
    fc.integer({ min: 1, max: 20 }),
    fc.array(COMMAND, { maxLength: 120, size: 'max' }),
    (start, maxSlots, commands) => {
      const model = new RingModel(start, maxSlots);
      for (const { type, n } of commands) {
        if (type === 'claim') model.claim(256 + n * 64);
        else if (type === 'submit') model.finish(n, 'submitted');
        else if (type === 'abandon') model.finish(n, 'skipped');
        else if (type === 'publish') model.publish();
        else if (type === 'peek') model.peek();
        else model.release();
      }
      model.finishAll();
    },
  );
  fc.assert(property, { numRuns: 400 });
});
