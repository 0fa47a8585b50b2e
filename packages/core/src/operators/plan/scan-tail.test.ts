import assert from 'node:assert/strict';
import { test } from 'node:test';

import { BUSY_BIT, DISCARD_BIT } from '../../slot/layout.ts';
import { scanTail } from './scan-tail.ts';

const END = 128;

function slots(...headers: readonly (readonly [number, number])[]): Uint32Array {
  const words = new Uint32Array(END);
  for (const [word, header] of headers) words[word] = header;
  return words;
}

test('short discarded slots at the end are walked over (S4)', () => {
  const words = slots([80, DISCARD_BIT | 56], [96, DISCARD_BIT | 120]);
  assert.deepEqual(scanTail(words, 80, END, false), { stopWord: END, damaged: 0 });
});

test('a busy slot ends the walk, one that became whole meanwhile too: it is the next span’s', () => {
  assert.deepEqual(scanTail(slots([64, (BUSY_BIT | 248) >>> 0]), 64, END, true), {
    stopWord: 64,
    damaged: 0,
  });
  assert.deepEqual(scanTail(slots([64, 248]), 64, END, true), { stopWord: 64, damaged: 0 });
  const behindDiscarded = slots([48, DISCARD_BIT | 56], [64, 248]);
  assert.deepEqual(scanTail(behindDiscarded, 48, END, true), { stopWord: 64, damaged: 0 });
});

test('what is no slot is damage to the end, and so is BUSY where it may not be (S5)', () => {
  for (const header of [0, 100, 249, 248 + 64, (BUSY_BIT | 248) >>> 0]) {
    assert.deepEqual(scanTail(slots([64, header]), 64, END, false), { stopWord: 64, damaged: 1 });
  }
});
