import assert from 'node:assert/strict';
import { test } from 'node:test';

import { makeLaneMarks, noteLane, usageOf } from './lane-marks.ts';

test('a pass lasts from the first lane’s beginning to the last one’s end, and heaps add up', () => {
  const marks = makeLaneMarks(2);
  const first = { startNs: 1000, endNs: 5000, cpuStartUs: 10, cpuEndUs: 14 };
  const second = { startNs: 2000, endNs: 9000, cpuStartUs: 11, cpuEndUs: 20 };
  noteLane(marks, 0, { ...first, allocatedBytes: 100, collectedUs: 1 });
  noteLane(marks, 1, { ...second, allocatedBytes: 50, collectedUs: 0 });
  assert.deepEqual(usageOf(marks), {
    ns: 8000,
    cpuNs: 10_000,
    allocatedBytes: 150,
    collectedRatio: 1000 / 11_000,
  });
});
