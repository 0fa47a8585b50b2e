import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';

import { PublishedCounters } from './lane-counters.ts';
import { COUNTERS_OFFSET, LedgerLayout } from './layout.ts';
import { readCounters } from './read-counters.ts';

const LAYOUT = new LedgerLayout({ outputs: [{ name: 'events', sinks: ['a', 'b', 'c'] }] });
const COUNTERS = LAYOUT.counterCount;

/** Adds one to every counter, publishes, and so on until the stop word is set. */
const WRITER = `
  const { workerData } = require('node:worker_threads');
  import(workerData.module).then(({ PublishedCounters }) => {
    const counters = new PublishedCounters(workerData.control, ${COUNTERS});
    const stop = new Int32Array(workerData.control, 0, 1);
    while (Atomics.load(stop, 0) === 0) {
      for (let index = 0; index < ${COUNTERS}; index++) counters.add(index, 1);
      counters.publish();
    }
  });
`;

test('a set of counters is never half of one turn and half of the next (L0b)', async () => {
  const control = new SharedArrayBuffer(LAYOUT.controlBytes);
  const module = new URL('./lane-counters.js', import.meta.url).href;
  const writer = new Worker(WRITER, { eval: true, workerData: { control, module } });
  const seen = new Set<number>();
  const counts = new Float64Array(COUNTERS);
  try {
    const untilMs = performance.now() + 5_000;
    while (seen.size < 300 && performance.now() < untilMs) {
      if (!readCounters(control, counts)) continue;
      const [first = -1] = counts;
      const other = counts.find((count) => count !== first);
      assert.equal(other, undefined, `one set holds ${first} and ${other}`);
      seen.add(first);
      // For the writer, where both share a core.
      await new Promise(setImmediate);
    }
  } finally {
    Atomics.store(new Int32Array(control), 0, 1);
    await writer.terminate();
  }
  assert.ok(seen.size > 1, 'the reader never saw the writer at work');
});

test('what is counted shows only when it is published', () => {
  const control = new SharedArrayBuffer(LAYOUT.controlBytes);
  const counters = new PublishedCounters(control, COUNTERS);
  const counts = new Float64Array(COUNTERS);
  for (let turn = 1; turn <= 3; turn++) {
    counters.add(3, 5);
    readCounters(control, counts);
    assert.equal(counts[3], 5 * (turn - 1));
    counters.publish();
    readCounters(control, counts);
    assert.equal(counts[3], 5 * turn);
  }
  assert.equal(counters.get(3), 15);
});

test('a lane that was suspended or died while it wrote a set keeps no reader waiting', () => {
  const control = new SharedArrayBuffer(LAYOUT.controlBytes);
  const counters = new PublishedCounters(control, COUNTERS);
  counters.add(0, 1);
  counters.publish();
  // Half of the second set, which lies in set 0, is written; its number is not.
  new Float64Array(control, COUNTERS_OFFSET, COUNTERS).fill(9, 0, COUNTERS / 2);
  const counts = new Float64Array(COUNTERS);
  assert.equal(readCounters(control, counts), true);
  assert.equal(counts[0], 1);
});
