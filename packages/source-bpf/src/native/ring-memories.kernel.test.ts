import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import type { SlotSpan } from '@sockflow/core';
import { type CleanableTest, requireKernel, type SkippableTest } from '@sockflow/test-support';

import {
  ADDON_NEEDS,
  type MemoryKind,
  openRing,
  type RingUnderTest,
} from './native-kit.test.support.ts';

const SLOT_BYTES = 256;
const LONG_SLOT_BYTES = 320;
const COOKIE_WORD = 6;
const TSKEY_WORD = 63;
const DISCARD_BIT = 0x40000000;
/* The kernel never fills the last bytes of a ring: a full one would look empty (bpf_ringbuf_reserve). */
const KEPT_FREE_BYTES = 1;

/** The sequences of a span, with each slot's bytes checked as far as the producer wrote them. */
function sequencesOf(span: SlotSpan, longEvery = 0): number[] {
  const { u32 } = span.memory;
  const sequences: number[] = [];
  for (let word = span.startWord; word < span.endWord;) {
    const lengthWord = u32[word]!;
    const bytes = (lengthWord & ~DISCARD_BIT) + 8;
    if ((lengthWord & DISCARD_BIT) === 0) {
      const sequence = u32[word + COOKIE_WORD]! + u32[word + COOKIE_WORD + 1]! * 2 ** 32;
      const isLong = longEvery !== 0 && sequence % longEvery === 0;
      assert.equal(bytes, isLong ? LONG_SLOT_BYTES : SLOT_BYTES);
      assert.equal(u32[word + 2]! & 0xffff, 0x0a01, 'kind and op');
      assert.equal(u32[word + TSKEY_WORD], sequence >>> 0);
      if (isLong) assert.equal(u32[word + LONG_SLOT_BYTES / 4 - 2], sequence >>> 0);
      sequences.push(sequence);
    }
    word += bytes / 4;
  }
  return sequences;
}

function drain(ring: RingUnderTest, longEvery = 0): number[] {
  const sequences: number[] = [];
  for (let span = ring.peek(); span !== undefined; span = ring.peek()) {
    sequences.push(...sequencesOf(span, longEvery));
    ring.consumer.release();
  }
  return sequences;
}

function range(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, index) => start + index);
}

function useRing(
  t: SkippableTest & CleanableTest,
  kind: MemoryKind,
  ringBytes: number,
): RingUnderTest | undefined {
  if (!requireKernel(t, ADDON_NEEDS)) return undefined;
  const ring = openRing(kind, ringBytes);
  t.after(() => ring.close());
  return ring;
}

for (const kind of ['mapped', 'copied'] as const) {
  describe(`a kernel ring, ${kind}`, () => {
    test('gives what the kernel wrote, byte for byte and in order', (t) => {
      const ring = useRing(t, kind, 65536);
      if (ring === undefined) return;
      assert.equal(ring.peek(), undefined);
      ring.producer.produce({ nextSequence: 0, count: 100 });
      assert.deepEqual(drain(ring), range(0, 100));
      assert.equal(ring.consumer.events, 100);
      assert.equal(ring.peek(), undefined);
    });

    test('goes on across its end, with long slots and discarded ones', (t) => {
      const ring = useRing(t, kind, 4096);
      if (ring === undefined) return;
      let next = 1;
      for (let round = 0; round < 200; round++) {
        const count = 1 + (round % 11);
        const start = next;
        const done = ring.producer.produce({
          nextSequence: next,
          count,
          longEvery: 5,
          discardEvery: 7,
        });
        next = done.nextSequence;
        assert.equal(next, start + count);
        assert.deepEqual(
          drain(ring, 5),
          range(start, next).filter((sequence) => sequence % 7 !== 0),
        );
      }
    });

    test('is full at its capacity, and takes more once some is released', (t) => {
      const ring = useRing(t, kind, 4096);
      if (ring === undefined) return;
      const most = Math.floor((4096 - KEPT_FREE_BYTES) / SLOT_BYTES);
      assert.equal(ring.producer.produce({ nextSequence: 0, count: 100 }).submitted, most);
      assert.equal(ring.producer.produce({ nextSequence: most, count: 1 }).submitted, 0);
      assert.deepEqual(drain(ring), range(0, most));
      assert.equal(ring.producer.produce({ nextSequence: most, count: 100 }).submitted, most);
      assert.deepEqual(drain(ring), range(most, 2 * most));
    });

    test('stops at a slot that is being written, and gives it and what follows once it is there', async (t) => {
      const ring = useRing(t, kind, 65536);
      if (ring === undefined) return;
      ring.producer.produce({ nextSequence: 0, count: 3 });
      ring.producer.hold(3);
      await untilReserved(ring, 4);
      ring.producer.produce({ nextSequence: 4, count: 3 });
      assert.deepEqual(drain(ring), [0, 1, 2]);
      assert.equal(ring.consumer.isReady(), false);
      assert.deepEqual(drain(ring), []);
      ring.producer.release();
      assert.deepEqual(drain(ring), [3, 4, 5, 6]);
    });

    test('keeps its order and loses nothing beyond 2^32 bytes of positions', (t) => {
      const ring = useRing(t, kind, 16 << 20);
      if (ring === undefined) return;
      const end = 2 ** 32 / SLOT_BYTES + 100_000;
      let next = 0;
      let read = 0;
      while (next < end) {
        next = ring.producer.produce({ nextSequence: next, count: 60_000 }).nextSequence;
        for (let span: SlotSpan | undefined = ring.peek(); span !== undefined; span = ring.peek()) {
          const u32: Uint32Array = span.memory.u32;
          for (let word: number = span.startWord; word < span.endWord; word += SLOT_BYTES / 4) {
            if (u32[word + COOKIE_WORD] !== read) assert.equal(u32[word + COOKIE_WORD], read);
            read++;
          }
          ring.consumer.release();
        }
        assert.equal(read, next);
      }
      assert.equal(ring.consumer.events, next);
      const position = new BigUint64Array(ring.memory.consumerPage, 0, 1)[0];
      assert.ok(position !== undefined && position >= BigInt(next * SLOT_BYTES));
    });
  });
}

/** Waits until that many slots are reserved: only the producer position says so, and only the kernel ring has it. */
async function untilReserved(ring: RingUnderTest, slots: number): Promise<void> {
  const { producerPageAndData } = ring.source.mapRing(0);
  const position = new Uint32Array(producerPageAndData, 0, 1);
  for (let tries = 0; Atomics.load(position, 0) < slots * SLOT_BYTES; tries++) {
    assert.ok(tries < 1000, 'the slot was not reserved within 10 s');
    await sleep(10);
  }
}
