import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isSockflowError } from '../errors.ts';
import { EventProducer } from '../slot/ring/event-producer.ts';
import type { RingMemory } from '../slot/ring/ring-memory.ts';
import { RingProducer } from '../slot/ring/ring-producer.ts';
import type { LaneCounter } from './ledger.ts';
import { ringSource } from './ring-source.ts';
import { SOURCE_END, SOURCE_IDLE, type LaneSource, type OpenSource } from './source.ts';

interface Opened {
  readonly rings: readonly RingMemory[];
  readonly open: OpenSource;
  readonly lane: LaneSource;
  readonly counts: Partial<Record<LaneCounter, number>>;
  readonly finish: () => void;
  readonly fail: (error: Error) => void;
}

async function openOneLane(): Promise<Opened> {
  let rings: readonly RingMemory[] = [];
  let finish!: () => void;
  let fail!: (error: Error) => void;
  const done = new Promise<void>((resolve, reject) => {
    finish = resolve;
    fail = reject;
  });
  const source = ringSource({
    name: 'test-feed',
    capacityBytes: 4096,
    start: (given) => {
      rings = given;
      return { origin: { id: 'feed' }, done, stop: finish };
    },
  });
  const open = await source.open({ lanes: 1, plans: [] });
  const counts: Partial<Record<LaneCounter, number>> = {};
  const lane = await source.openLane({
    lane: 0,
    lanes: 1,
    laneData: structuredClone(open.laneData(0)),
    plans: [],
    counters: {
      add: (counter, amount) => {
        counts[counter] = (counts[counter] ?? 0) + amount;
      },
    },
  });
  return { rings, open, lane, counts, finish, fail };
}

function event(ts: number) {
  return {
    op: 12,
    ts_boot_ns: ts,
    family: 2,
    cookie: 1,
    local_port: 1,
    remote_port: 65536,
    is_fullsock: 1,
    state: 1,
  };
}

test('a lane is given what is published, then idles, is told the time, and ends with everything counted', async () => {
  const { rings, lane, counts } = await openOneLane();
  const producer = new EventProducer(rings);
  assert.equal(lane.next(), SOURCE_IDLE);
  producer.put(event(1000));
  producer.put(event(2000));
  producer.flush();
  const span = lane.next();
  assert.ok(typeof span === 'object');
  assert.deepEqual([span.endWord - span.startWord, span.endTimeUs], [128, 2]);
  assert.equal(lane.next(), SOURCE_IDLE);
  producer.advanceTime(9);
  await lane.wait(10_000);
  const clock = lane.next();
  assert.ok(typeof clock === 'object');
  assert.deepEqual([clock.endWord - clock.startWord, clock.endTimeUs], [0, 9]);
  assert.equal(lane.next(), SOURCE_IDLE);
  await producer.end(1000);
  assert.equal(lane.next(), SOURCE_END);
  assert.deepEqual(counts, { bytesRead: 512, recorded: 2 });
});

test('what lay in damage is counted as bad to the event at the end (S5)', async () => {
  const { rings, lane, counts } = await openOneLane();
  const producer = new RingProducer(rings[0]!);
  const { u32 } = producer.memory;
  const words = [256, 320, 256, 320].map((bytes) => {
    const word = producer.tryClaim(bytes);
    u32[word + 2] = 1;
    producer.submit(word);
    return word;
  });
  producer.end();
  u32[words[1]!] = 3;
  assert.ok(typeof lane.next() === 'object');
  assert.equal(lane.next(), SOURCE_END);
  assert.deepEqual(counts, { bytesRead: 256, recorded: 4, bad: 3 });
});

test('a producer that is gone without ending its rings ends the lanes, and its error comes out at close', async () => {
  const { rings, lane, open, fail } = await openOneLane();
  const producer = new EventProducer(rings);
  producer.put(event(1));
  producer.flush();
  const waiting = lane.wait(10_000);
  fail(new Error('the feed broke'));
  await waiting;
  assert.ok(typeof lane.next() === 'object');
  while (lane.next() === SOURCE_IDLE) await lane.wait(10_000);
  assert.equal(lane.next(), SOURCE_END);
  await lane.close();
  await assert.rejects(open.close(), /the feed broke/);
});

test('stopping asks the feed once; the lanes read what was published and end', async () => {
  let asked = 0;
  let settle!: () => void;
  let rings: readonly RingMemory[] = [];
  const ledger = { counts: [], madeByKind: {}, notes: { stopped: 1 }, isSettled: true };
  const source = ringSource({
    name: 'test-feed',
    capacityBytes: 4096,
    start: (given) => {
      rings = given;
      const done = new Promise<void>((resolve) => {
        settle = resolve;
      });
      const stop = (): void => {
        asked++;
        settle();
      };
      return { origin: { id: 'feed' }, done, stop, ledger: () => ledger };
    },
  });
  const open = await source.open({ lanes: 1, plans: [] });
  const producer = new EventProducer(rings);
  producer.put(event(1));
  producer.flush();
  await open.stop?.();
  const counters = { add: () => {} };
  const laneData = structuredClone(open.laneData(0));
  const lane = await source.openLane({ lane: 0, lanes: 1, laneData, plans: [], counters });
  assert.ok(typeof lane.next() === 'object');
  while (lane.next() === SOURCE_IDLE) await lane.wait(10_000);
  assert.equal(lane.next(), SOURCE_END);
  await lane.close();
  await open.close();
  assert.equal(asked, 1);
  assert.equal(open.ledger?.(), ledger);
});

test('a producer that breaks while it is stopped is told at close, after the lanes have read', async () => {
  const { lane, open, fail } = await openOneLane();
  fail(new Error('the feed broke'));
  await open.stop?.();
  await lane.close();
  assert.equal('ledger' in open, false);
  await assert.rejects(open.close(), /the feed broke/);
});

test('closing a lane ends its wait and tells the producer', async () => {
  const { rings, lane, open } = await openOneLane();
  const startMs = performance.now();
  const waiting = lane.wait(10_000);
  await lane.close();
  await waiting;
  assert.ok(performance.now() - startMs < 5000);
  const producer = new EventProducer(rings);
  producer.flush();
  assert.equal(producer.put(event(1)), 'closed');
  await open.close();
});

test('a lane without its ring is a named error', async () => {
  const source = ringSource({ name: 'x', start: () => assert.fail('not opened') });
  assert.equal(source.describePushDown({ type: 'op', ops: [1] }), undefined);
  const context = { lane: 0, lanes: 1, plans: [], counters: { add: () => {} } };
  await assert.rejects(
    Promise.resolve().then(() => source.openLane({ ...context, laneData: {} })),
    (error) => isSockflowError(error) && error.code === 'ERR_SOCKFLOW_INVALID_OPTION',
  );
});
