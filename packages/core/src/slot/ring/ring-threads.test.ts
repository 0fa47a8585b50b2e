import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';

import { RingConsumer } from './ring-consumer.ts';
import {
  CARRY_STEP,
  drain,
  put,
  randomOf,
  spin,
  Stage,
  TEST_ORIGIN,
  valuesOf,
} from './ring-kit.test.support.ts';
import { createRingMemory, type RingMemory } from './ring-memory.ts';
import type { PeerJob } from './ring-peer.test.worker.ts';
import { RING_CLOSED, RING_FULL, RingProducer } from './ring-producer.ts';
import { U64Word } from './u64-word.ts';

/* A wait that was woken takes microseconds, one whose wake-up was lost LOST_MS. The bound between them is far from both. */
const LOST_MS = 20_000;
const WOKEN_MS = 10_000;

const PEER = new URL(
  import.meta.url.endsWith('.ts') ? './ring-peer.test.worker.ts' : './ring-peer.test.worker.js',
  import.meta.url,
);

interface Peer {
  readonly stage: Stage;
  /** What the peer's part returned. */
  readonly result: Promise<unknown>;
}

function startPeer(part: PeerJob['part'], rings: readonly RingMemory[], rounds = 1): Peer {
  const control = new SharedArrayBuffer(4);
  const worker = new Worker(PEER, {
    workerData: { part, control, rings, rounds } satisfies PeerJob,
  });
  const result = Promise.race([
    once(worker, 'message').then(([value]) => value as unknown),
    once(worker, 'error').then(([error]) => {
      throw error;
    }),
  ]);
  result.catch(() => {});
  return { stage: new Stage(control), result };
}

function createRings(count: number): RingMemory[] {
  return Array.from({ length: count }, () => createRingMemory({ capacityBytes: 4096 }));
}

test('claimed and submitted slots stay unseen by the other thread until they are published', async () => {
  const memory = createRingMemory({ capacityBytes: 4096 });
  const consumer = new RingConsumer(memory, { origin: TEST_ORIGIN });
  const { stage, result } = startPeer('stepwise', [memory]);
  for (const state of [2, 4]) {
    stage.arrive(state - 1);
    stage.until(state);
    assert.equal(consumer.peek(), undefined);
    assert.equal(consumer.isReady(), false);
  }
  stage.arrive(5);
  stage.until(6);
  assert.equal(consumer.isReady(), true);
  const span = consumer.peek()!;
  assert.equal(span.memory.u32[span.startWord + 63], 1);
  await result;
});

test('a poll that races with a publish sees nothing or whole slots: all of a batch, any first part of single ones', async () => {
  const rounds = 3000;
  const memory = createRingMemory({ capacityBytes: 8192, startPosition: 2n ** 32n - 8192n * 8n });
  const consumer = new RingConsumer(memory, { origin: TEST_ORIGIN });
  const { stage, result } = startPeer('publishRace', [memory], rounds);
  const random = randomOf(13);
  const outcomes = new Set<string>();
  for (let round = 0; round < rounds; round++) {
    stage.arrive(round * 2 + 1);
    spin(random(3000));
    const span = consumer.peek();
    const seen = valuesOf(span);
    const isCut = span?.endWord === memory.capacityBytes / 4;
    consumer.release();
    stage.spinUntil(round * 2 + 2);
    const all = [...seen, ...drain(consumer)];
    assert.deepEqual(all, [round * 3, round * 3 + 1, round * 3 + 2]);
    outcomes.add(`${round % 2 === 0 ? 'batch' : 'single'} ${seen.length}${isCut ? ' cut' : ''}`);
  }
  await result;
  // A batch is seen in part only where the end of the memory cuts it.
  const allowed = /^(batch [03]|single [0-3]|(batch|single) [123] cut)$/;
  const strange = [...outcomes].filter((outcome) => !allowed.test(outcome));
  assert.deepEqual(strange, []);
  assert.ok(outcomes.has('batch 0') && outcomes.has('batch 3'), [...outcomes].join());
});

test('a publish that races with going to sleep is never missed', async () => {
  const rounds = 400;
  const memory = createRingMemory({ capacityBytes: 4096 });
  const consumer = new RingConsumer(memory, { origin: TEST_ORIGIN });
  const { stage, result } = startPeer('wakeRace', [memory], rounds);
  const random = randomOf(14);
  for (let round = 0; round < rounds; round++) {
    stage.arrive(round + 1);
    spin(random(10_000));
    const values: number[] = [];
    const startMs = performance.now();
    while (values.length === 0) {
      await consumer.wait(LOST_MS);
      values.push(...drain(consumer));
    }
    assert.ok(performance.now() - startMs < WOKEN_MS, `round ${round} was not woken`);
    assert.deepEqual(values, [round]);
  }
  await result;
});

test('an end that races with a wait is never missed, nor is the slot before it (R9)', async () => {
  const rounds = 300;
  const rings = createRings(rounds);
  const { stage, result } = startPeer('endRace', rings, rounds);
  for (let round = 0; round < rounds; round++) {
    const consumer = new RingConsumer(rings[round]!, { origin: TEST_ORIGIN });
    stage.arrive(round + 1);
    const values: number[] = [];
    const startMs = performance.now();
    let polls = 0;
    while (!consumer.isEnded) {
      // A poll meets the end itself; a wait meets the wake-up.
      if (round % 4 < 2 || polls++ > 500) await consumer.wait(LOST_MS);
      values.push(...drain(consumer));
    }
    assert.ok(performance.now() - startMs < WOKEN_MS, `round ${round} was not woken`);
    assert.deepEqual(values, round % 2 === 0 ? [round] : []);
  }
  await result;
});

test('no event comes that is older than the time already told, and the last time is that of the last event (R11)', async () => {
  const rounds = 15_000;
  const memory = createRingMemory({ capacityBytes: 1 << 16 });
  const consumer = new RingConsumer(memory, { origin: TEST_ORIGIN });
  const { result } = startPeer('clockRace', [memory], rounds);
  let events = 0;
  let polls = 0;
  while (!consumer.isEnded) {
    const toldUs = consumer.endTimeUs;
    const span = consumer.peek();
    if (span !== undefined) {
      const firstUs = span.memory.u32[span.startWord + 4]! / 1000;
      assert.ok(firstUs > toldUs, `told ${toldUs} us, then came an event of ${firstUs} us`);
      consumer.release();
      events = consumer.events;
    } else if (polls++ % 256 === 0) {
      await consumer.wait(LOST_MS);
    }
  }
  await result;
  assert.equal(events, rounds * 3);
  assert.equal(consumer.endTimeUs, rounds * 3);
});

test('no reader sees a position torn while it carries, by halves or as the kernel reads it (R4)', async () => {
  const memory = createRingMemory({ capacityBytes: 4096 });
  const word = new U64Word(memory.consumerPage, 0);
  const whole = new BigUint64Array(memory.consumerPage, 0, 1);
  const { stage, result } = startPeer('carryRace', [memory], 3_000_000);
  let last = 0;
  let values = 0;
  stage.arrive(1);
  while (values < 2000 && !stage.hasCome(3)) {
    const value = word.load();
    if (value % CARRY_STEP !== 0 || value < last) assert.fail(`after ${last} came ${value}`);
    const wholeValue = Number(Atomics.load(whole, 0));
    if (wholeValue % CARRY_STEP !== 0) assert.fail(`torn: ${wholeValue}`);
    if (value !== last) values++;
    last = value;
  }
  stage.arrive(2);
  await result;
  assert.ok(values > 0);
});

test('a producer that waits for room and a consumer that waits for slots bring every slot over, in order, through wraps and a carry', async () => {
  const slots = 30_000;
  const memory = createRingMemory({ capacityBytes: 4096, startPosition: 2n ** 32n - 2n ** 20n });
  const consumer = new RingConsumer(memory, { origin: TEST_ORIGIN, maxSlots: 3 });
  const { result } = startPeer('produce', [memory], slots);
  let next = 0;
  while (!consumer.isEnded) {
    const span = consumer.peek();
    if (span === undefined) {
      await consumer.wait(LOST_MS);
      continue;
    }
    for (const value of valuesOf(span)) assert.equal(value, next++);
    consumer.release();
  }
  assert.equal(next, slots);
  const { refused, events } = (await result) as { refused: number; events: number };
  assert.equal(events, slots);
  assert.ok(refused > 0, 'the ring was full at times');
  assert.equal(consumer.refused, refused);
  assert.ok(new BigUint64Array(memory.consumerPage)[0]! > 2n ** 32n);
});

test('the same from this thread to the other', async () => {
  const memory = createRingMemory({ capacityBytes: 4096, startPosition: 2n ** 32n - 2n ** 20n });
  const producer = new RingProducer(memory);
  const { result } = startPeer('consume', [memory]);
  const random = randomOf(15);
  for (let value = 0; value < 20_000; value++) {
    const bytes = 256 + 64 * random(6);
    while (!put(producer, value, bytes)) await producer.waitForRoom(LOST_MS);
    if (random(8) === 0) producer.publish();
  }
  producer.end();
  assert.equal(await result, 20_000);
});

test('a full ring that races with releases loses no slot and overwrites none that is being read (R8)', async () => {
  const rounds = 2000;
  const memory = createRingMemory({ capacityBytes: 4096 });
  const consumer = new RingConsumer(memory, { origin: TEST_ORIGIN, maxSlots: 2 });
  const { stage, result } = startPeer('fullRace', [memory], rounds);
  const counts = new Set<number>();
  let next = 0;
  for (let round = 0; round < rounds; round++) {
    stage.arrive(round * 2 + 1);
    let count = 0;
    for (let turn = 0; turn < 5; turn++) {
      for (const value of valuesOf(consumer.peek())) {
        assert.equal(value, next++);
        count++;
      }
      consumer.release();
    }
    counts.add(count);
    stage.spinUntil(round * 2 + 2);
  }
  for (const value of drain(consumer)) assert.equal(value, next++);
  assert.equal(next, await result);
  assert.ok([...counts].every((count) => count <= 10));
});

test('a close that races with a wait for room is never missed', async () => {
  const rounds = 200;
  const rings = createRings(rounds);
  const { stage, result } = startPeer('closeRace', rings, rounds);
  for (let round = 0; round < rounds; round++) {
    const producer = new RingProducer(rings[round]!);
    while (put(producer, 1)) continue;
    stage.arrive(round + 1);
    const startMs = performance.now();
    let word = producer.tryClaim(256);
    while (word === RING_FULL) {
      await producer.waitForRoom(LOST_MS);
      word = producer.tryClaim(256);
    }
    assert.equal(word, RING_CLOSED);
    assert.ok(performance.now() - startMs < WOKEN_MS, `round ${round} was not woken`);
  }
  await result;
});

test('what a producer at full speed is refused is counted, and what it is not refused arrives', async () => {
  const memory = createRingMemory({ capacityBytes: 65536 });
  const consumer = new RingConsumer(memory, { origin: TEST_ORIGIN, maxSlots: 64 });
  const { result } = startPeer('saturate', [memory]);
  let next = 0;
  while (next < 20_000) {
    const span = consumer.peek();
    if (span === undefined) {
      await consumer.wait(LOST_MS);
      continue;
    }
    for (const value of valuesOf(span)) assert.equal(value, next++);
    consumer.release();
  }
  consumer.close();
  const { events, closed } = (await result) as { events: number; closed: boolean };
  assert.ok(closed);
  assert.equal(consumer.events, next);
  assert.equal(next + drain(consumer).length, events);
  assert.equal(consumer.publishedEvents, events);
});
