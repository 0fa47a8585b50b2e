import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { U64Word } from './u64-word.ts';

function wordAt(value: bigint): { word: U64Word; whole: BigUint64Array } {
  const buffer = new SharedArrayBuffer(16);
  const whole = new BigUint64Array(buffer, 8, 1);
  whole[0] = value;
  return { word: new U64Word(buffer, 8), whole };
}

test('what is added in steps lies in memory as one 64-bit number, whatever it carries', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: 2n ** 52n }),
      fc.array(fc.nat(0xffffffff), { maxLength: 20 }),
      (start, steps) => {
        const { word, whole } = wordAt(start);
        let sum = start;
        for (const step of steps) {
          word.advance(step);
          sum += BigInt(step);
          assert.equal(whole[0], sum);
          assert.equal(word.load(), Number(sum));
          assert.equal(word.value, Number(sum));
          assert.equal(word.loadLow(), Number(sum & 0xffffffffn));
        }
      },
    ),
  );
});

test('a stored number lies in memory as one 64-bit number', () => {
  const { word, whole } = wordAt(5n);
  for (const value of [6, 2 ** 32 - 1, 2 ** 32, 2 ** 40 + 3, 2 ** 53 - 1]) {
    word.store(value);
    assert.equal(whole[0], BigInt(value));
  }
});
