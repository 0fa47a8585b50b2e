import assert from 'node:assert/strict';
import { isIPv4, isIPv6 } from 'node:net';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { formatIp4, formatIp6, V4_MAPPED_WORD } from './address.ts';
import { addressInto, IP4_ADDRESS, IP6_ADDRESS, NO_ADDRESS } from './parse-address.ts';

const anyWord = fc.oneof(fc.nat({ max: 0xffffffff }), fc.constantFrom(0, 0xffff, 0xffff0000));

function read(text: string): { found: number; words: number[] } {
  const words = new Uint32Array(4);
  const found = addressInto(text, words, 0);
  return { found, words: [...words] };
}

test('an IPv4 address comes back from its text, as a v4-mapped one', () => {
  fc.assert(
    fc.property(anyWord, (word) => {
      const { found, words } = read(formatIp4(word));
      assert.equal(found, IP4_ADDRESS);
      assert.deepEqual(words, [0, 0, V4_MAPPED_WORD, word]);
    }),
  );
});

test('an IPv6 address comes back from its text', () => {
  fc.assert(
    fc.property(fc.tuple(anyWord, anyWord, anyWord, anyWord), (words) => {
      assert.deepEqual(read(formatIp6(...words)).words, words);
    }),
    { numRuns: 1000 },
  );
});

test('what is an address is what Node takes for one', () => {
  const part = fc.oneof(
    fc.constantFrom(':', '::', '.', '', '0', '00', '1', '255', '256', 'ffff', 'FFFF', 'g', '%'),
    fc.stringMatching(/^[\da-f]{1,5}$/),
  );
  const someText = fc.oneof(
    fc.array(part, { maxLength: 18 }).map((parts) => parts.join('')),
    fc.ipV4(),
    fc.ipV6(),
    fc.tuple(fc.ipV6(), fc.nat({ max: 40 }), part).map(([text, at, more]) => {
      return text.slice(0, at) + more + text.slice(at + 1);
    }),
  );
  fc.assert(
    fc.property(someText, (text) => {
      const { found, words } = read(text);
      const isNode6 = isIPv6(text) && !text.includes('%');
      assert.equal(found, isIPv4(text) ? IP4_ADDRESS : isNode6 ? IP6_ADDRESS : NO_ADDRESS, text);
      if (found === NO_ADDRESS) assert.deepEqual(words, [0, 0, 0, 0]);
    }),
    { numRuns: 5000 },
  );
});
