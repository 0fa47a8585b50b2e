import assert from 'node:assert/strict';
import { test } from 'node:test';

import { HeapWatch } from './heap-watch.ts';

const OBJECTS = 2_000_000;
/* An array of one element: its header and its elements. With pointers of 8 bytes it has 16 + 8 + 8 + 8 of them or so. */
const LEAST_BYTES = 24;
const MOST_BYTES = 96;

test('tells what was allocated though most of it was collected meanwhile', () => {
  const watch = new HeapWatch();
  const kept: number[][] = [];
  for (let index = 0; index < OBJECTS; index++) kept[index % 100] = [index];
  const { allocatedBytes, collectedUs } = watch.stop();
  const each = allocatedBytes / OBJECTS;
  assert.ok(each > LEAST_BYTES && each < MOST_BYTES, `${each} bytes each`);
  assert.ok(collectedUs > 0);
  assert.equal(kept.length, 100);
});

test('tells of next to nothing where nothing is allocated', () => {
  const numbers = new Float64Array(100_000);
  const watch = new HeapWatch();
  for (let index = 0; index < numbers.length; index++) numbers[index] = index;
  assert.ok(watch.stop().allocatedBytes < 200_000);
});
