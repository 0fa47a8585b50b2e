import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isSockflowError } from '../../errors.ts';
import { Kind } from '../../schema/kind.ts';
import { DISCARD_BIT } from '../layout.ts';
import { CONSUMER_POSITION_OFFSET, PRODUCER_POSITION_OFFSET } from './layout.ts';
import { RingConsumer } from './ring-consumer.ts';
import { drain, openRing, put, TEST_ORIGIN, valuesOf } from './ring-kit.test.support.ts';
import { createRingMemory } from './ring-memory.ts';
import { RING_CLOSED, RING_FULL, RingProducer } from './ring-producer.ts';

function throwsCode(code: string, action: () => unknown): void {
  assert.throws(action, (error) => isSockflowError(error) && error.code === code);
}

test('what was published is read in order, and only then (R6)', () => {
  const { producer, consumer } = openRing();
  put(producer, 7);
  put(producer, 8, 320);
  assert.equal(consumer.peek(), undefined);
  producer.publish();
  assert.deepEqual(valuesOf(consumer.peek()), [7, 8]);
  consumer.release();
  assert.equal(consumer.peek(), undefined);
  assert.equal(consumer.events, 2);
  assert.equal(consumer.publishedEvents, 2);
});

test('a full ring refuses, counts, and takes again only what was released (R8, R10)', () => {
  const { producer, consumer } = openRing();
  for (let value = 0; value < 16; value++) assert.ok(put(producer, value));
  assert.equal(producer.tryClaim(256), RING_FULL);
  assert.equal(producer.refused, 1);
  assert.equal(valuesOf(consumer.peek()).length, 16);
  assert.equal(producer.tryClaim(256), RING_FULL);
  consumer.release();
  assert.ok(put(producer, 16));
  producer.publish();
  assert.deepEqual(valuesOf(consumer.peek()), [16]);
  assert.equal(consumer.refused, 2);
});

test('a claim that finds the ring full publishes what was submitted (R10)', () => {
  const { producer, consumer } = openRing();
  for (let value = 0; value < 16; value++) put(producer, value);
  assert.equal(consumer.peek(), undefined);
  assert.equal(producer.tryClaim(256), RING_FULL);
  assert.equal(valuesOf(consumer.peek()).length, 16);
});

test('a slot that stays open holds back those behind it, in the order of the claims', () => {
  const { producer, consumer } = openRing();
  put(producer, 1);
  const open = producer.tryClaim(256);
  put(producer, 3);
  producer.publish();
  assert.deepEqual(drain(consumer), [1]);
  producer.memory.u32.fill(2, open + 3, open + 64);
  producer.memory.u32[open + 2] = Kind.OP;
  producer.submit(open);
  assert.deepEqual(drain(consumer), []);
  producer.publish();
  assert.deepEqual(drain(consumer), [2, 3]);
});

test('an abandoned slot is skipped and given back, at the start, in the middle and alone (S4)', () => {
  const { producer, consumer } = openRing();
  producer.abandon(producer.tryClaim(256));
  put(producer, 1);
  producer.abandon(producer.tryClaim(512));
  put(producer, 2);
  producer.publish();
  assert.deepEqual(valuesOf(consumer.peek()), [1, 2]);
  consumer.release();
  for (let round = 0; round < 40; round++) {
    producer.abandon(producer.tryClaim(512));
    producer.publish();
    assert.equal(consumer.peek(), undefined);
  }
  assert.equal(consumer.events, 2);
  assert.equal(producer.events, 2);
});

test('a slot does not wrap: the rest of the memory becomes a DISCARD slot (R5)', () => {
  const { producer, consumer, memory } = openRing();
  for (let value = 0; value < 12; value++) put(producer, value, 320);
  producer.publish();
  assert.equal(drain(consumer).length, 12);
  // 4096 - 12 * 320 = 256 bytes are left: a slot of 320 must begin at 0.
  assert.equal(producer.tryClaim(320), 0);
  producer.memory.u32[2] = Kind.OP;
  producer.memory.u32.fill(12, 3, 80);
  producer.submit(0);
  put(producer, 13);
  producer.publish();
  assert.equal(new Uint32Array(memory.data)[(12 * 320) / 4], 248 | DISCARD_BIT);
  assert.deepEqual(drain(consumer), [12, 13]);
});

test('a span ends at the end of the memory and after so many slots, and comes again until it is released', () => {
  const { producer, consumer } = openRing(4096, 0n, 5);
  for (let value = 0; value < 14; value++) put(producer, value);
  producer.publish();
  const sizes: number[] = [];
  for (let span = consumer.peek(); span !== undefined; span = consumer.peek()) {
    assert.equal(consumer.peek(), span);
    sizes.push(valuesOf(span).length);
    consumer.release();
  }
  assert.deepEqual(sizes, [5, 5, 4]);
  for (let value = 14; value < 18; value++) put(producer, value);
  producer.publish();
  assert.deepEqual(valuesOf(consumer.peek()), [14, 15]);
  consumer.release();
  assert.deepEqual(valuesOf(consumer.peek()), [16, 17]);
});

test('positions are right across 2^32 bytes, in both halves (R4)', () => {
  const start = 2n ** 32n - 1024n;
  const { producer, consumer, memory } = openRing(4096, start);
  for (let value = 0; value < 40; value++) {
    assert.ok(put(producer, value));
    producer.publish();
    assert.deepEqual(drain(consumer), [value]);
  }
  const end = start + 40n * 256n;
  assert.equal(new BigUint64Array(memory.consumerPage)[CONSUMER_POSITION_OFFSET / 8], end);
  assert.equal(new BigUint64Array(memory.producerPage)[PRODUCER_POSITION_OFFSET / 8], end);
});

test('a ring that really moves more than 2^33 bytes keeps its positions and its order (R4)', () => {
  const { producer, consumer, memory } = openRing(1 << 20);
  const slotBytes = 1 << 19;
  const slots = 2 ** 33 / slotBytes + 3;
  for (let value = 0; value < slots; value++) {
    const word = producer.tryClaim(slotBytes);
    assert.ok(word >= 0);
    producer.memory.u32[word + 2] = Kind.OP;
    producer.memory.u32[word + 3] = value;
    producer.submit(word);
    producer.publish();
    const span = consumer.peek()!;
    assert.equal(span.memory.u32[span.startWord + 3], value);
    consumer.release();
  }
  const end = BigInt(slots) * BigInt(slotBytes);
  assert.equal(new BigUint64Array(memory.consumerPage)[0], end);
  assert.equal(new BigUint64Array(memory.producerPage)[0], end);
});

test('a ring that is full while its positions lie on both sides of 2^32 is full, not empty (R3)', () => {
  const { producer, consumer } = openRing(4096, 2n ** 32n - 2048n);
  for (let value = 0; value < 16; value++) assert.ok(put(producer, value));
  assert.equal(producer.tryClaim(256), RING_FULL);
  assert.equal(drain(consumer).length, 16);
});

test('the end is seen only when everything has been read (R9)', () => {
  const { producer, consumer } = openRing();
  put(producer, 1);
  assert.equal(consumer.isEnded, false);
  producer.end();
  assert.equal(consumer.isEnded, false);
  assert.deepEqual(drain(consumer), [1]);
  assert.equal(consumer.isEnded, true);
});

test('a producer whose consumer has closed is told so and counts nothing', () => {
  const { producer, consumer } = openRing();
  put(producer, 1);
  consumer.close();
  assert.equal(producer.publish(), false);
  assert.equal(producer.tryClaim(256), RING_CLOSED);
  assert.equal(producer.refused, 0);
});

test('events, markers and times of a span are what lies in it', () => {
  const { producer, consumer } = openRing();
  const words = producer.memory.u32;
  for (const [kind, us] of [
    [Kind.OP, 5],
    [Kind.LOSS_MARKER, 6],
    [Kind.CLOCK_ANCHOR, 7],
  ] as const) {
    const word = producer.tryClaim(256);
    words.fill(0, word + 2, word + 64);
    words[word + 2] = kind;
    words[word + 4] = us * 1000;
    producer.submit(word);
  }
  producer.publish();
  const span = consumer.peek()!;
  assert.equal(span.mayHoldMarkers, true);
  assert.equal(span.mayBeBusy, false);
  assert.equal(span.endTimeUs, 7);
  assert.deepEqual([consumer.events, consumer.markers, consumer.publishedEvents], [1, 2, 1]);
});

test('the clock of a silent producer moves on, and never back (R11)', () => {
  const { producer, consumer } = openRing();
  producer.advanceTime(2 ** 33);
  assert.equal(consumer.isReady(), true);
  assert.equal(consumer.peek(), undefined);
  assert.equal(consumer.endTimeUs, 2 ** 33);
  assert.equal(consumer.isReady(), false);
  producer.advanceTime(5);
  consumer.peek();
  assert.equal(consumer.endTimeUs, 2 ** 33);
});

test('a span that leaves slots behind does not claim their time', () => {
  const { producer, consumer } = openRing(4096, 0n, 1);
  for (const us of [10, 20]) {
    const word = producer.tryClaim(256);
    producer.memory.u32.fill(0, word + 2, word + 64);
    producer.memory.u32[word + 2] = Kind.OP;
    producer.memory.u32[word + 4] = us * 1000;
    producer.submit(word);
  }
  producer.advanceTime(1000);
  assert.equal(consumer.peek()!.endTimeUs, 10);
  consumer.release();
  assert.equal(consumer.peek()!.endTimeUs, 1000);
});

test('damage ends the span before it; the rest is counted as bad and the ring goes on (S5)', () => {
  const { producer, consumer } = openRing();
  put(producer, 1);
  const word = producer.tryClaim(256);
  producer.submit(word);
  put(producer, 3);
  producer.publish();
  producer.memory.u32[word] = 77;
  assert.deepEqual(valuesOf(consumer.peek()), [1]);
  consumer.release();
  assert.equal(consumer.peek(), undefined);
  assert.equal(consumer.badBytes, 512);
  assert.equal(consumer.badSlots, 2);
  put(producer, 4);
  producer.publish();
  assert.deepEqual(drain(consumer), [4]);
});

test('what cannot be a ring or a slot is refused with a named error', () => {
  for (const capacityBytes of [0, 2048, 4095, 5000, 2 ** 31, -4096, Number.NaN]) {
    throwsCode('ERR_SOCKFLOW_RING_CAPACITY', () => createRingMemory({ capacityBytes }));
  }
  throwsCode('ERR_SOCKFLOW_RING_CAPACITY', () =>
    createRingMemory({ capacityBytes: 4096, startPosition: 8n }),
  );
  const { producer } = openRing();
  for (const bytes of [0, 64, 192, 255, 257, 300, 2112, Number.NaN]) {
    throwsCode('ERR_SOCKFLOW_RING_CAPACITY', () => producer.tryClaim(bytes));
  }
});

test('a producer that submits twice, what it did not claim, or ends with a slot open is refused with a named error', () => {
  const { producer } = openRing();
  throwsCode('ERR_SOCKFLOW_RING_STATE', () => {
    producer.submit(0);
  });
  const word = producer.tryClaim(256);
  throwsCode('ERR_SOCKFLOW_RING_STATE', () => {
    producer.end();
  });
  producer.submit(word);
  throwsCode('ERR_SOCKFLOW_RING_STATE', () => {
    producer.submit(word);
  });
  producer.end();
});

test('positions that no ring can have are a named error, not an endless span (R3)', () => {
  const { memory, consumer } = openRing();
  new BigUint64Array(memory.producerPage)[0] = 8192n;
  throwsCode('ERR_SOCKFLOW_RING_STATE', () => consumer.peek());
});

test('a producer and a consumer made later go on where their ring stands', () => {
  const { memory, producer, consumer } = openRing(4096, 2n ** 32n - 256n);
  put(producer, 1);
  put(producer, 2);
  producer.publish();
  assert.deepEqual(drain(consumer), [1, 2]);
  const producer2 = new RingProducer(memory);
  const consumer2 = new RingConsumer(memory, { origin: TEST_ORIGIN });
  put(producer2, 3);
  producer2.publish();
  assert.deepEqual(drain(consumer2), [3]);
  assert.equal(producer2.events, 3);
});
