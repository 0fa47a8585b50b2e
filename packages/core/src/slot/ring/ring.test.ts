import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Kind } from '../../schema/kind.ts';
import type { Origin } from '../../schema/origin.ts';
import type { SlotSpan } from '../slot-span.ts';
import { walkSlots } from '../walk-slots.ts';
import { RingConsumer } from './ring-consumer.ts';
import { createRingMemory } from './ring-memory.ts';
import { RING_FULL, RingProducer } from './ring-producer.ts';

const ORIGIN: Origin = { id: 'test' };

function openRing(capacityBytes = 4096, startPosition = 0n, maxSlots = 4096) {
  const memory = createRingMemory({ capacityBytes, startPosition });
  return {
    memory,
    producer: new RingProducer(memory),
    consumer: new RingConsumer(memory, { origin: ORIGIN, maxSlots }),
  };
}

function fill(producer: RingProducer, word: number, value: number): void {
  producer.memory.u32.fill(value, word + 2, word + 64);
  producer.memory.u32[word + 2] = Kind.OP;
}

function put(producer: RingProducer, value: number, bytes = 256): boolean {
  const word = producer.tryClaim(bytes);
  if (word === RING_FULL) return false;
  fill(producer, word, value);
  producer.submit(word);
  return true;
}

function valuesOf(span: SlotSpan | undefined): number[] {
  const values: number[] = [];
  if (span !== undefined) walkSlots(span, (word) => values.push(span.memory.u32[word + 63]!));
  return values;
}

test('what was published is read in order, and only then', () => {
  const { producer, consumer } = openRing();
  put(producer, 7);
  put(producer, 8, 320);
  assert.equal(consumer.peek(), undefined);
  producer.publish();
  assert.deepEqual(valuesOf(consumer.peek()), [7, 8]);
  consumer.release();
  assert.equal(consumer.peek(), undefined);
});

test('a full ring refuses, counts, and takes again what was released', () => {
  const { producer, consumer } = openRing();
  for (let i = 0; i < 16; i++) assert.ok(put(producer, i));
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
