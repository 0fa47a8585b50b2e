import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Plan } from '@sockflow/core';
import * as fc from 'fast-check';

import { BLOCK } from '../format/layout.ts';
import { BlockTable } from '../reader/block-table.ts';
import { plansExcludeBlock } from './block-exclusion.ts';
import { timeWindow } from './time-window.ts';

const U64_MAX = (1n << 64n) - 1n;
/** Close together, on both sides of where the halves change, and at the ends of what 64 bits hold. */
const anyTime = fc.oneof(
  fc.bigInt(0n, 3n),
  fc.bigInt((5n << 32n) - 2n, (5n << 32n) + 2n),
  fc.bigInt(U64_MAX - 2n, U64_MAX),
);
const anyBound = fc.option(
  fc.oneof(anyTime, fc.bigInt(-2n, 0n), fc.bigInt(U64_MAX, U64_MAX + 2n)),
  { nil: undefined },
);
const anyPlan: fc.Arbitrary<Plan> = fc.array(
  fc.record({ type: fc.constant('time' as const), startNs: anyBound, endNs: anyBound }),
  { maxLength: 2 },
);

function tableOf(times: readonly (readonly [bigint, bigint])[], markerRow: number): BlockTable {
  const blocks = BlockTable.allocate(times.length);
  times.forEach(([one, other], row) => {
    const header = Buffer.alloc(832);
    header.writeBigUInt64LE(one < other ? one : other, BLOCK.firstTimeOffset);
    header.writeBigUInt64LE(one < other ? other : one, BLOCK.lastTimeOffset);
    header.writeUInt32LE(1, BLOCK.slotsOffset);
    if (row === markerRow) header.writeUInt32LE(1, BLOCK.kindCountsOffset + 4 * 4);
    blocks.set(row, header);
  });
  return blocks;
}

test('a window leaves out only what the plans leave out, and all that lies outside of it', () => {
  let outside = 0;
  fc.assert(
    fc.property(
      fc.array(fc.tuple(anyTime, anyTime), { minLength: 1, maxLength: 12 }),
      fc.array(anyPlan, { maxLength: 2 }),
      fc.nat(12),
      (times, plans, markerRow) => {
        const blocks = tableOf(times, markerRow);
        const window = timeWindow(plans);
        if (window === undefined) return;
        const within = blocks.firstWithin(0, blocks.count, window);
        for (let row = 0; row < within; row++) {
          assert.ok(plansExcludeBlock(plans, blocks, row, ''), `row ${row}`);
          outside++;
        }
        // With one plan of one filter the window is that filter, as far as there are times.
        const [filter] = plans[0] ?? [];
        if (plans.length !== 1 || plans[0]?.length !== 1 || within === blocks.count) return;
        const isBeyond = filter?.type === 'time' && (filter.startNs ?? 0n) > U64_MAX;
        if (!isBeyond) assert.ok(!plansExcludeBlock(plans, blocks, within, ''), `row ${within}`);
      },
    ),
    { numRuns: 3000 },
  );
  assert.ok(outside > 0);
});

test('no plan, or one without a time, leaves out nothing', () => {
  assert.equal(timeWindow([]), undefined);
  assert.equal(timeWindow([[{ type: 'time', startNs: 5n, endNs: 9n }], []]), undefined);
  assert.equal(timeWindow([[{ type: 'time', startNs: 0n, endNs: undefined }]]), undefined);
});
