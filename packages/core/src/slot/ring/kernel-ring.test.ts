import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isSockflowError } from '../../errors.ts';
import { Kind } from '../../schema/kind.ts';
import { GUARD_BYTE, KernelRingStandIn } from './kernel-ring.test.support.ts';
import { RingConsumer } from './ring-consumer.ts';
import { drain, randomOf, TEST_ORIGIN, valuesOf } from './ring-kit.test.support.ts';
import { kernelRingMemory } from './ring-memory.ts';
import { RingProducer } from './ring-producer.ts';

function openKernelRing(startPosition = 0n): { kernel: KernelRingStandIn; consumer: RingConsumer } {
  const kernel = new KernelRingStandIn(4096, startPosition);
  return { kernel, consumer: new RingConsumer(kernel.memory, { origin: TEST_ORIGIN }) };
}

function put(kernel: KernelRingStandIn, value: number, bytes = 256): boolean {
  const word = kernel.reserve(bytes);
  if (word < 0) return false;
  kernel.fill(word, bytes, Kind.OP, value);
  kernel.submit(word);
  return true;
}

test('a kernel ring is read up to the first slot that is still being written (S3, R6)', () => {
  const { kernel, consumer } = openKernelRing();
  put(kernel, 1);
  const busy = kernel.reserve(256);
  put(kernel, 3);
  assert.deepEqual(valuesOf(consumer.peek()), [1]);
  consumer.release();
  assert.equal(consumer.isReady(), false);
  assert.equal(consumer.peek(), undefined);
  kernel.fill(busy, 256, Kind.OP, 2);
  kernel.submit(busy);
  assert.equal(consumer.isReady(), true);
  assert.deepEqual(drain(consumer), [2, 3]);
});

test('a slot that goes past the end of the ring is read in one piece through the second mapping (R5)', () => {
  const { kernel, consumer } = openKernelRing(2n ** 32n - 128n);
  for (let value = 0; value < 12; value++) assert.ok(put(kernel, value, 320));
  assert.equal(put(kernel, 12, 320), false);
  const span = consumer.peek();
  assert.equal(valuesOf(span).length, 12);
  assert.equal(span!.mayBeBusy, false);
  consumer.release();
  assert.equal(consumer.peek(), undefined);
});

test('a discarded slot of a kernel ring is skipped and released (S4)', () => {
  const { kernel, consumer } = openKernelRing();
  for (let round = 0; round < 30; round++) {
    kernel.submit(kernel.reserve(320), true);
    assert.equal(consumer.peek(), undefined);
  }
  put(kernel, 1);
  assert.deepEqual(drain(consumer), [1]);
});

test('the kernel finds its consumer position right at each carry: it never takes an empty ring for a full one (R4)', () => {
  const { kernel, consumer } = openKernelRing(2n ** 32n - 4096n);
  const random = randomOf(1);
  for (let value = 0; value < 200; value++) {
    assert.ok(put(kernel, value, 256 + 64 * random(20)));
    assert.deepEqual(drain(consumer), [value]);
  }
});

test('the consumer of a kernel ring writes its position and nothing else (R7)', async () => {
  const { kernel, consumer } = openKernelRing();
  const { consumerPage, data } = kernel.memory;
  for (let value = 0; value < 40; value++) {
    put(kernel, value, 320);
    const before = new Uint8Array(data).slice();
    drain(consumer);
    await assert.rejects(consumer.wait(1), (error) => isSockflowError(error));
    assert.deepEqual(new Uint8Array(data).slice(), before);
  }
  consumer.close();
  assert.ok(new Uint8Array(consumerPage, 8).every((byte) => byte === GUARD_BYTE));
});

test('damage in a kernel ring is an error: what lies behind it may still be written (S5)', () => {
  const { kernel, consumer } = openKernelRing();
  put(kernel, 1);
  const word = kernel.reserve(256);
  kernel.setLengthWord(word, 100);
  assert.deepEqual(valuesOf(consumer.peek()), [1]);
  consumer.release();
  assert.throws(
    () => consumer.peek(),
    (error) => isSockflowError(error) && error.code === 'ERR_SOCKFLOW_RING_STATE',
  );
});

test('a mapping that is too small, and a producer of a kernel ring, are refused', () => {
  const page = new SharedArrayBuffer(4096);
  const isRingError = (error: unknown): boolean => isSockflowError(error);
  assert.throws(
    () =>
      kernelRingMemory({
        capacityBytes: 4096,
        consumerPage: page,
        producerPageAndData: new SharedArrayBuffer(8192),
        pageBytes: 4096,
      }),
    isRingError,
  );
  assert.throws(() => new RingProducer(openKernelRing().kernel.memory), isRingError);
});
