import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import type { BlockTable } from '../reader/block-table.ts';
import { OriginClocks } from './origin-clocks.ts';

interface Block {
  readonly origin: number;
  readonly firstUs: number;
  readonly lengthUs: number;
}

function tableOf(blocks: readonly Block[]): BlockTable {
  return {
    count: blocks.length,
    firstTimeUs: (row: number) => blocks[row]!.firstUs,
    lastTimeUs: (row: number) => blocks[row]!.firstUs + blocks[row]!.lengthUs,
  } as BlockTable;
}

const blockList = fc.array(
  fc.record({
    origin: fc.nat(2),
    firstUs: fc.nat(100),
    lengthUs: fc.nat(50),
  }),
  { maxLength: 20 },
);

test('no block of an origin that comes later begins before its time, and at the end the time is its latest', () => {
  fc.assert(
    fc.property(blockList, (blocks) => {
      const clocks = new OriginClocks(
        tableOf(blocks),
        blocks.map(({ origin }) => origin),
        3,
      );
      const before = [0, 0, 0];
      blocks.forEach(({ origin }, row) => {
        clocks.pass(row);
        const nowUs = clocks.nowUs(origin);
        for (const later of blocks.slice(row + 1)) {
          assert.ok(later.origin !== origin || later.firstUs >= nowUs);
        }
        assert.ok(nowUs >= before[origin]!, 'time does not go back');
        before[origin] = nowUs;
      });
      for (const origin of [0, 1, 2]) {
        const ends = blocks
          .filter((block) => block.origin === origin)
          .map(({ firstUs, lengthUs }) => firstUs + lengthUs);
        assert.equal(clocks.nowUs(origin), Math.max(0, ...ends));
      }
    }),
  );
});
