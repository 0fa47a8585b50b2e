import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { OpContext } from '../schema/generated/context-event.ts';
import type { EventView } from '../schema/generated/view-types.ts';
import { SlotMemory } from '../slot/slot-memory.ts';
import { writeContextEvent } from '../slot/write-context-event.ts';
import { writeClockAnchor, writeLossMarker } from '../slot/write-marker.ts';
import { isBatch } from './is-batch.ts';
import { Selection } from './selection.ts';
import { SlotBatch } from './slot-batch.ts';
import { defaultViewMode, type ViewMode } from './view-mode.ts';

const ORIGIN = { id: 'boot-a', hz: 250 };
const STALE = { code: 'ERR_SOCKFLOW_STALE_VIEW' };
const LOSS = {
  tsNs: 9n,
  gapStartNs: 4n,
  lostRingFull: 3,
  lostShedFirst: 2,
  lostShedLast: 1,
  lostDamaged: 0,
  lane: 5,
};
const CLOCK = { tsNs: 10n, realtimeNs: 2n ** 60n, monotonicNs: 11n, uncertaintyNs: 12n };

function event(port: number, header = ''): OpContext {
  return {
    ts_boot_ns: port,
    op: 13,
    family: 2,
    local_ip4: 0x0100000a,
    remote_ip4: 0x0200000a,
    remote_port: 0x50000000,
    local_port: port,
    is_fullsock: 1,
    state: 1,
    cookie: port,
    snd_cwnd: port * 2,
    ...(header === '' ? {} : { tcp_header: header }),
  };
}

/** Six events and two markers; selected are all events but the second: event 1, loss, 3, 4, clock, 5, 6. */
function fill(): Selection {
  const memory = SlotMemory.allocate(65536);
  const selection = new Selection(memory);
  selection.words = new Uint32Array(8);
  selection.markerWords = new Uint32Array(8);
  let w = 0;
  const put = (bytes: number): number => {
    const at = w;
    w += bytes / 4;
    return at;
  };
  selection.words[selection.size++] = put(writeContextEvent(memory, w, event(1)));
  put(writeContextEvent(memory, w, event(2)));
  selection.markerWords[selection.markerCount++] = put(writeLossMarker(memory, w, LOSS));
  selection.words[selection.size++] = put(writeContextEvent(memory, w, event(3, 'ab'.repeat(24))));
  selection.words[selection.size++] = put(writeContextEvent(memory, w, event(4)));
  selection.markerWords[selection.markerCount++] = put(writeClockAnchor(memory, w, CLOCK));
  selection.words[selection.size++] = put(writeContextEvent(memory, w, event(5)));
  selection.words[selection.size++] = put(writeContextEvent(memory, w, event(6)));
  return selection;
}

function batchOf(mode: ViewMode): SlotBatch {
  const batch = new SlotBatch(fill(), mode);
  batch.open(ORIGIN, 42);
  return batch;
}

const PORTS = [1, 3, 4, 5, 6];
const MODES: readonly ViewMode[] = ['checked', 'reused'];

for (const mode of MODES) {
  test(`${mode} views: forEach, the iterator and at give the selected events in order`, () => {
    const batch = batchOf(mode);
    const each: number[][] = [];
    batch.forEach((view, index) => each.push([view.localPort, index]));
    assert.deepEqual(
      each,
      PORTS.map((port, index) => [port, index]),
    );
    const iterated: (number | undefined)[] = [];
    for (const view of batch) iterated.push(view.sndCwnd);
    assert.deepEqual(
      iterated,
      PORTS.map((port) => port * 2),
    );
    assert.deepEqual(
      PORTS.map((_, index) => batch.at(index).localPort),
      PORTS,
    );
    assert.equal(batch.size, 5);
    assert.equal(batch.origin, ORIGIN);
    assert.equal(batch.endTimeUs, 42);
  });

  test(`${mode} views: markers stand between the events they came between`, () => {
    const { markers } = batchOf(mode);
    assert.deepEqual(markers, [
      { kind: 'LOSS_MARKER', beforeIndex: 1, ...LOSS },
      { kind: 'CLOCK_ANCHOR', beforeIndex: 3, ...CLOCK },
    ]);
  });

  test(`${mode} views: everything but what was copied throws the named error once the batch is over`, () => {
    const batch = batchOf(mode);
    const view = batch.at(1);
    const kept = batch.retain();
    const objects = batch.toObjects();
    const markers = batch.markers;
    const iterator = batch[Symbol.iterator]();
    iterator.next();
    batch.release();
    const uses: readonly (() => unknown)[] = [
      () => batch.size,
      () => batch.origin,
      () => batch.endTimeUs,
      () => batch.markers,
      () => batch.raw,
      () => batch.at(0),
      () => batch.retain(),
      () => batch.toObjects(),
      () => batch[Symbol.iterator](),
      () => batch.forEach(() => {}),
      () => iterator.next(),
      () => view.localPort,
      () => view.tsNs,
      () => view.originId,
      () => view.cookie,
      () => view.toObject(),
    ];
    for (const use of uses) assert.throws(use, STALE, use.toString());
    assert.throws(
      () => view.localPort,
      (error: Error & { remedy?: string }) =>
        /retain\(\)/.test(error.remedy ?? '') && /toObjects\(\)/.test(error.remedy ?? ''),
    );
    assert.deepEqual(
      objects.map((object) => object.localPort),
      PORTS,
    );
    assert.equal(kept.size, 5);
    assert.equal(markers.length, 2);
  });

  test(`${mode} views: a retained batch holds the same events and markers in memory of its own`, () => {
    const batch = batchOf(mode);
    const expected = batch.toObjects();
    const { markers, raw } = batch;
    const kept = batch.retain();
    raw.memory.u32.fill(0xdeadbeef);
    batch.release();
    assert.deepEqual(kept.toObjects(), expected);
    assert.deepEqual(kept.markers, markers);
    assert.equal(kept.endTimeUs, 42);
    assert.equal(kept.origin, ORIGIN);
    assert.equal(kept.retain().at(4).localPort, 6);
    assert.equal(expected[1]?.tcpHeaderHex, 'ab'.repeat(24));
    assert.notEqual(kept.raw.memory.buffer, raw.memory.buffer);
  });
}

test('checked views: a view throws as soon as its step is over', () => {
  const batch = batchOf('checked');
  const seen: EventView[] = [];
  batch.forEach((view) => {
    for (const earlier of seen) assert.throws(() => earlier.localPort, STALE);
    seen.push(view);
    assert.equal(view.op, 13);
  });
  assert.equal(new Set(seen).size, 5);
  for (const view of seen) assert.throws(() => view.op, STALE);

  const iterated = [...batch];
  assert.equal(iterated.length, 5);
  for (const view of iterated) assert.throws(() => view.op, STALE);

  for (const view of batch) {
    seen.push(view);
    break;
  }
  assert.throws(() => seen.at(-1)?.op, STALE);
});

test('checked views: a view asked for by its place lives as long as the batch', () => {
  const batch = batchOf('checked');
  const [first, second] = [batch.at(0), batch.at(1)];
  batch.forEach(() => {});
  assert.deepEqual([first.localPort, second.localPort], [1, 3]);
});

test('reused views: one cursor serves every step of a batch, and dies with it for ever', () => {
  const selection = fill();
  const first = new SlotBatch(selection, 'reused');
  first.open(ORIGIN, 42);
  const seen = new Set<EventView>();
  first.forEach((view) => seen.add(view));
  for (const view of first) seen.add(view);
  seen.add(first.at(2));
  assert.equal(seen.size, 1);
  first.release();
  const second = new SlotBatch(selection, 'reused');
  second.open(ORIGIN, 43);
  second.forEach((view) => {
    assert.ok(!seen.has(view));
    for (const dead of seen) assert.throws(() => dead.localPort, STALE);
    assert.throws(() => first.size, STALE);
  });
});

test('at refuses a place that no selected event has', () => {
  const batch = batchOf('reused');
  for (const index of [-1, 5, 0.5, Number.NaN]) {
    assert.throws(() => batch.at(index), { code: 'ERR_SOCKFLOW_INVALID_OPTION' });
  }
});

test('a batch that the selected events of a long run fill is retained whole', () => {
  const memory = SlotMemory.allocate(1 << 20);
  const selection = new Selection(memory);
  selection.words = new Uint32Array(1000);
  for (let index = 0; index < 1000; index++) {
    writeContextEvent(memory, index * 64, event(index + 1));
    if (index % 100 !== 50) selection.words[selection.size++] = index * 64;
  }
  const batch = new SlotBatch(selection, 'reused');
  batch.open(ORIGIN, 0);
  const kept = batch.retain();
  assert.deepEqual(kept.toObjects(), batch.toObjects());
  assert.equal(kept.raw.memory.buffer.byteLength, 990 * 256);
});

test('views are checked in development and tests, reused elsewhere, as SOCKFLOW_VIEWS says otherwise', () => {
  assert.equal(defaultViewMode({}), 'reused');
  assert.equal(defaultViewMode({ NODE_ENV: 'production' }), 'reused');
  assert.equal(defaultViewMode({ NODE_ENV: 'development' }), 'checked');
  assert.equal(defaultViewMode({ NODE_ENV: 'test' }), 'checked');
  assert.equal(defaultViewMode({ NODE_ENV: 'test', SOCKFLOW_VIEWS: 'reused' }), 'reused');
  assert.equal(defaultViewMode({ SOCKFLOW_VIEWS: 'checked' }), 'checked');
});

test('a batch is told from values: objects of events, lists and nothing are none', () => {
  const selection = new Selection(SlotMemory.allocate(256));
  const batch = new SlotBatch(selection, 'reused');
  batch.open(ORIGIN, 0);
  assert.ok(isBatch(batch) && isBatch(batch.retain()));
  batch.release();
  assert.ok(isBatch(batch), 'also once it is over');
  for (const value of [undefined, null, 'batch', 5, [], {}, { raw: 1, markers: 2 }]) {
    assert.ok(!isBatch(value));
  }
});
