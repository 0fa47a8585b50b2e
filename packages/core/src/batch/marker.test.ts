import assert from 'node:assert/strict';
import { test } from 'node:test';

import { SlotMemory } from '../slot/slot-memory.ts';
import { writeClockAnchor, writeLossMarker } from '../slot/write-marker.ts';
import { readMarker } from './marker.ts';

const MEMORY = SlotMemory.allocate(4096);

test('a loss marker comes back as it was written', () => {
  const values = {
    tsNs: 2n ** 40n,
    gapStartNs: 2n ** 40n - 5n,
    lostRingFull: 2 ** 40,
    lostShedFirst: 2,
    lostShedLast: 3,
    lostDamaged: 4,
    lane: 63,
  };
  assert.equal(writeLossMarker(MEMORY, 64, values), 256);
  assert.deepEqual(readMarker(MEMORY, 64, 9), { kind: 'LOSS_MARKER', beforeIndex: 9, ...values });
});

test('a clock anchor comes back as it was written', () => {
  const values = {
    tsNs: 5n,
    realtimeNs: 1_700_000_000_123_456_789n,
    monotonicNs: 4n,
    uncertaintyNs: 250n,
  };
  assert.equal(writeClockAnchor(MEMORY, 128, values), 256);
  assert.deepEqual(readMarker(MEMORY, 128, 0), { kind: 'CLOCK_ANCHOR', beforeIndex: 0, ...values });
});
