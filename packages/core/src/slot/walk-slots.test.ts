import assert from 'node:assert/strict';
import { test } from 'node:test';

import { BUSY_BIT, DISCARD_BIT } from './layout.ts';
import { SlotMemory } from './slot-memory.ts';
import type { SlotSpan } from './slot-span.ts';
import { walkSlots } from './walk-slots.ts';

/** Slots of these lengths one after another, as length words; the span covers them all. */
function spanOf(lengthWords: readonly number[], mayBeBusy = false): SlotSpan {
  const memory = SlotMemory.allocate(65536);
  let word = 0;
  for (const lengthWord of lengthWords) {
    memory.u32[word] = lengthWord;
    word += ((lengthWord & 0x3fffffff) + 8) / 4;
  }
  return {
    memory,
    startWord: 0,
    endWord: word,
    origin: { id: 'test' },
    mayBeBusy,
    mayHoldOtherLanes: false,
    mayHoldMarkers: false,
    endTimeUs: 0,
  };
}

function visit(span: SlotSpan): { visited: number[][]; walk: ReturnType<typeof walkSlots> } {
  const visited: number[][] = [];
  const walk = walkSlots(span, (word, bytes) => visited.push([word, bytes]));
  return { visited, walk };
}

test('slots of every length are visited in order, DISCARD ones are skipped and counted (S1, S4)', () => {
  const { visited, walk } = visit(
    spanOf([248, 312, 56 | DISCARD_BIT, 248, 248 | DISCARD_BIT, 440]),
  );
  assert.deepEqual(visited, [
    [0, 256],
    [64, 320],
    [160, 256],
    [288, 448],
  ]);
  assert.deepEqual(walk, {
    ended: 'end',
    endWord: 400,
    slots: 4,
    discarded: 2,
    badBytes: 0,
    badSlots: 0,
  });
});

test('an empty span is walked to its end', () => {
  assert.equal(visit(spanOf([])).walk.ended, 'end');
});

test('the walk stops at a slot that is still being written, where there may be such (S3)', () => {
  const lengths = [248, (248 | BUSY_BIT) >>> 0, 248];
  const { visited, walk } = visit(spanOf(lengths, true));
  assert.equal(visited.length, 1);
  assert.deepEqual([walk.ended, walk.endWord, walk.badBytes], ['busy', 64, 0]);
});

test('BUSY where it may not be, a length that no slot has, and a slot past the end are damage: the rest is bad (S5)', () => {
  const busy = visit(spanOf([248, (248 | BUSY_BIT) >>> 0, 248]));
  assert.deepEqual([busy.walk.ended, busy.walk.endWord], ['damaged', 64]);
  assert.deepEqual([busy.walk.badBytes, busy.walk.badSlots], [512, 2]);

  const span = spanOf([248, 248, 248, 248]);
  span.memory.u32[128] = 100;
  const short = visit(span);
  assert.deepEqual([short.walk.slots, short.walk.badBytes, short.walk.badSlots], [2, 512, 2]);

  const past = visit({ ...spanOf([248, 312]), endWord: 128 });
  assert.deepEqual([past.walk.slots, past.walk.badBytes, past.walk.badSlots], [1, 256, 1]);
});

test('a span of zeros is damage, not an endless walk', () => {
  const memory = SlotMemory.allocate(65536);
  const { walk } = visit({ ...spanOf([]), memory, endWord: memory.u32.length });
  assert.deepEqual([walk.ended, walk.endWord, walk.badSlots], ['damaged', 0, 256]);
});
