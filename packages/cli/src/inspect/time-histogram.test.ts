import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { TimeHistogram } from './time-histogram.ts';

const gaps = fc.array(fc.integer({ min: 0, max: 3_600_000_000 }), { minLength: 1, maxLength: 100 });

test('every event is in exactly one column, however long the time is', () => {
  fc.assert(
    fc.property(gaps, fc.integer({ min: 1, max: 200 }), (values, columns) => {
      const histogram = new TimeHistogram();
      let tsUs = 5_000_000;
      for (const gap of values) histogram.add((tsUs += gap));
      const counts = histogram.columns(columns, tsUs);
      assert.ok(counts.length <= columns);
      assert.equal(
        counts.reduce((sum, count) => sum + count, 0),
        values.length,
      );
    }),
  );
});

test('events at the start and at the end are in the first and in the last column', () => {
  const histogram = new TimeHistogram();
  for (const tsUs of [1_000_000, 1_000_001, 61_000_000]) histogram.add(tsUs);
  const counts = histogram.columns(40, 61_000_000);
  assert.equal(counts[0], 2);
  assert.equal(counts.at(-1), 1);
});
