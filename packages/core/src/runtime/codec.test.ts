import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { PlanRunner } from '../operators/plan/plan-runner.ts';
import { spanOf } from '../operators/random-events.test.helper.ts';
import type { ContextEvent } from '../schema/generated/context-event.ts';
import { unpackValues, ValuePacker } from './codec.ts';

function roundTrip(values: readonly unknown[]): unknown[] {
  const packer = new ValuePacker();
  for (const value of values) packer.add(value);
  return unpackValues(packer.take());
}

test('any value of data comes back as it was', () => {
  const value = fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
    // MessagePack has one zero, and an array without holes.
    values: [fc.boolean(), fc.integer(), fc.double().filter((n) => !Object.is(n, -0)), fc.string()],
    key: fc.string().filter((key) => key !== '__proto__'),
  });
  fc.assert(
    fc.property(fc.array(value, { maxLength: 6 }), (values) => {
      assert.deepStrictEqual(roundTrip(values), values);
    }),
    { numRuns: 300 },
  );
});

test('64-bit counters come back exactly, as bigint or number as they were', () => {
  const values = [
    0n,
    5n,
    2n ** 63n,
    2n ** 64n - 1n,
    -(2n ** 63n),
    2n ** 90n,
    2 ** 53 - 1,
    -(2 ** 40),
  ];
  assert.deepEqual(roundTrip(values), values);
});

test('a value is packed when it is added: later changes do not show', () => {
  const packer = new ValuePacker();
  const value = { count: 1 };
  packer.add(value);
  value.count = 2;
  assert.deepEqual(unpackValues(packer.take()), [{ count: 1 }]);
});

test('values larger than the buffer are kept whole', () => {
  const big = new Uint8Array(100_000).fill(7);
  const values = ['x', big, { big }, 'y'];
  assert.deepEqual(roundTrip(values), values);
});

test('nothing is left behind by a take', () => {
  const packer = new ValuePacker();
  packer.add(1);
  packer.take();
  assert.equal(packer.usedBytes, 0);
  assert.deepEqual(unpackValues(packer.take()), []);
});

test('a cycle comes back as a cycle', () => {
  const ring: { self?: unknown } = {};
  ring.self = ring;
  const [back] = roundTrip([ring]) as [{ self: unknown }];
  assert.equal(back.self, back);
});

test('views and batches arrive as their objects at any depth, and throw the named error once they are over', () => {
  const event: ContextEvent = {
    ts_boot_ns: 1n,
    op: 13,
    family: 2,
    local_ip4: 1,
    remote_ip4: 2,
    remote_port: 0x50000000,
    local_port: 80,
    is_fullsock: 1,
    state: 1,
    cookie: 2n ** 63n,
  };
  const span = spanOf([event, { ...event, local_port: 443 }]);
  for (const views of ['checked', 'reused'] as const) {
    const runner = new PlanRunner([], { lane: 0, lanes: 1, views });
    const batch = runner.run(span);
    const objects = batch.toObjects();
    const view = batch.at(1);
    assert.equal(objects[0]?.cookie, 2n ** 63n);
    const value = { view, list: [[view]], map: new Map([['batch', batch]]), twice: [batch, batch] };
    assert.deepEqual(roundTrip([value, [view], view, batch]), [
      {
        view: objects[1],
        list: [[objects[1]]],
        map: new Map([['batch', objects]]),
        twice: [objects, objects],
      },
      [objects[1]],
      objects[1],
      objects,
    ]);
    runner.release();
    for (const held of [{ view }, [batch]]) {
      assert.throws(() => roundTrip([held]), { code: 'ERR_SOCKFLOW_STALE_VIEW' });
    }
  }
});
