import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isSockflowError } from '../../errors.ts';
import type { OpContext } from '../../schema/generated/context-event.ts';
import { Kind } from '../../schema/kind.ts';
import { laneKey, laneOf } from '../../schema/lane-key.ts';
import { readContextEvent } from '../read-context-event.ts';
import { walkSlots } from '../walk-slots.ts';
import { EventProducer } from './event-producer.ts';
import { RingConsumer } from './ring-consumer.ts';
import { TEST_ORIGIN } from './ring-kit.test.support.ts';
import { createRingMemory } from './ring-memory.ts';

function event(cookie: number, tsNs: number): OpContext {
  return {
    ts_boot_ns: String(tsNs),
    op: 12,
    family: 2,
    remote_port: 0x50000000,
    local_port: 443,
    is_fullsock: 1,
    state: 1,
    cookie: String(cookie),
  };
}

function openLanes(lanes: number, capacityBytes = 4096) {
  const rings = Array.from({ length: lanes }, () => createRingMemory({ capacityBytes }));
  return {
    producer: new EventProducer(rings),
    consumers: rings.map((memory) => new RingConsumer(memory, { origin: TEST_ORIGIN })),
  };
}

interface Read {
  readonly kind: number;
  readonly raw: Record<string, unknown>;
  readonly key: number;
}

function readAll(consumer: RingConsumer): Read[] {
  const read: Read[] = [];
  for (let span = consumer.peek(); span !== undefined; span = consumer.peek()) {
    const { memory } = span;
    walkSlots(span, (word) => {
      read.push({
        kind: memory.u32[word + 2]! & 0xff,
        raw: { ...readContextEvent(memory, word) },
        key: memory.u32[word + 11]!,
      });
    });
    consumer.release();
  }
  return read;
}

test('events arrive as they were given, each in the lane of its connection, in order', () => {
  const { producer, consumers } = openLanes(3, 65536);
  for (let index = 0; index < 100; index++) {
    const long = index % 3 === 0 ? { op: 13, tcp_header: 'ab'.repeat(40) } : {};
    assert.equal(producer.put({ ...event(index % 10, index), ...long }), 'taken');
  }
  producer.flush();
  const tsOfCookie = new Map<unknown, number>();
  let count = 0;
  for (const [lane, consumer] of consumers.entries()) {
    for (const { raw, key } of readAll(consumer)) {
      count++;
      assert.equal(laneOf(key, 3), lane);
      const ts = Number(raw['ts_boot_ns']);
      assert.ok(ts > (tsOfCookie.get(raw['cookie']) ?? -1));
      tsOfCookie.set(raw['cookie'], ts);
      assert.equal(raw['tcp_header'], ts % 3 === 0 ? 'ab'.repeat(40) : '');
    }
  }
  assert.equal(count, 100);
  assert.equal(tsOfCookie.size, 10);
});

test('what does not fit is lost, counted, and told by one marker in its place', () => {
  const { producer, consumers } = openLanes(1);
  const consumer = consumers[0]!;
  for (let ts = 1; ts <= 16; ts++) assert.equal(producer.put(event(1, ts)), 'taken');
  for (let ts = 17; ts <= 21; ts++) assert.equal(producer.put(event(1, ts)), 'full');
  assert.equal(producer.lost, 5);
  assert.equal(readAll(consumer).length, 16);
  assert.equal(producer.put(event(1, 22)), 'taken');
  producer.flush();
  const [marker, after, ...rest] = readAll(consumer);
  assert.deepEqual(rest, []);
  assert.equal(marker!.kind, Kind.LOSS_MARKER);
  const { lost_ring_full, gap_start_ns, ts_boot_ns, lost_lane } = marker!.raw;
  assert.deepEqual(
    [lost_ring_full, gap_start_ns, ts_boot_ns, lost_lane].map(Number),
    [5, 17, 21, 0],
  );
  assert.equal(after!.raw['ts_boot_ns'], '22');
  assert.equal(consumer.events, 17);
  assert.equal(consumer.publishedEvents, 17);
});

test('an event that would hide an untold gap is lost too, until the marker has room', () => {
  const { producer, consumers } = openLanes(1);
  for (let ts = 1; ts <= 16; ts++) producer.put(event(1, ts));
  for (let ts = 17; ts <= 40; ts++) assert.equal(producer.put(event(1, ts)), 'full');
  readAll(consumers[0]!);
  producer.put(event(1, 41));
  producer.flush();
  assert.deepEqual(
    readAll(consumers[0]!).map(({ raw }) => raw['lost_ring_full'] ?? raw['ts_boot_ns']),
    ['24', '41'],
  );
});

test('a producer that waits for room loses nothing', async () => {
  const { producer, consumers } = openLanes(2);
  const read: number[] = [];
  const draining = (async () => {
    while (consumers.some((consumer) => !consumer.isEnded)) {
      for (const consumer of consumers) {
        for (const { raw } of readAll(consumer)) read.push(Number(raw['ts_boot_ns']));
      }
      await new Promise(setImmediate);
    }
  })();
  for (let ts = 0; ts < 500; ts++) {
    while (producer.tryPut(event(ts % 7, ts)) === 'full') await producer.waitForRoom(5000);
  }
  await producer.end(5000);
  await draining;
  assert.deepEqual(
    read.toSorted((a, b) => a - b),
    Array.from({ length: 500 }, (_, ts) => ts),
  );
  assert.equal(producer.lost, 0);
});

test('a lane with room does not wait for the one without: waiting publishes what is there', async () => {
  const { producer, consumers } = openLanes(2);
  const laneOfCookie = (cookie: number): number => laneOf(laneKey(cookie, 0), 2);
  const candidates = [1, 2, 3, 4, 5, 6];
  const own = candidates.find((cookie) => laneOfCookie(cookie) === 0)!;
  const other = candidates.find((cookie) => laneOfCookie(cookie) === 1)!;
  producer.put(event(other, 1));
  while (producer.tryPut(event(own, 2)) !== 'full') continue;
  assert.equal(consumers[1]!.peek(), undefined);
  await producer.waitForRoom(5);
  assert.equal(readAll(consumers[1]!).length, 1);
});

test('the last gap is told before the end', async () => {
  const { producer, consumers } = openLanes(1);
  for (let ts = 1; ts <= 18; ts++) producer.put(event(1, ts));
  const ending = producer.end(5000);
  assert.equal(readAll(consumers[0]!).length, 16);
  await ending;
  assert.deepEqual(
    readAll(consumers[0]!).map(({ raw }) => raw['lost_ring_full']),
    ['2'],
  );
  assert.equal(consumers[0]!.isEnded, true);
});

test('an event that fits no slot is refused by name and takes no room', () => {
  const { producer, consumers } = openLanes(1);
  assert.throws(
    () => producer.put({ ...event(1, 1), op: 300 }),
    (error) => isSockflowError(error) && error.code === 'ERR_SOCKFLOW_FIELD_RANGE',
  );
  assert.equal(producer.put(event(1, 2)), 'taken');
  producer.flush();
  assert.equal(readAll(consumers[0]!).length, 1);
});

test('a producer whose lane is gone is told so', () => {
  const { producer, consumers } = openLanes(1);
  consumers[0]!.close();
  producer.flush();
  assert.equal(producer.put(event(1, 1)), 'closed');
  assert.equal(producer.lost, 0);
});

test('an event that no ring of the usual size would take is refused by name', () => {
  const { producer, consumers } = openLanes(1);
  const sections: [number, string][] = [
    [7, 'ab'.repeat(40_000)],
    [8, 'cd'.repeat(40_000)],
  ];
  assert.throws(
    () => producer.put({ ...event(1, 1), sections }),
    (error) =>
      isSockflowError(error) &&
      error.code === 'ERR_SOCKFLOW_FIELD_RANGE' &&
      error.message.includes('at most 65536 bytes') &&
      'field' in error.details,
  );
  assert.equal(producer.put(event(1, 2)), 'taken');
  producer.flush();
  assert.equal(readAll(consumers[0]!).length, 1);
});
