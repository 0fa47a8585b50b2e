import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { formatIp6, V4_MAPPED_WORD } from '../schema/address.ts';
import { parseNetwork } from './parse-network.ts';

test('an address written out is read as the words that lie in the slot', () => {
  fc.assert(
    fc.property(fc.ipV6(), (text) => {
      const { words, prefixBits } = parseNetwork(text);
      const again = parseNetwork(formatIp6(...words));
      assert.deepEqual(again.words, words);
      assert.equal(prefixBits, 128);
    }),
  );
  assert.deepEqual(parseNetwork('10.203.0.1').words, [0, 0, V4_MAPPED_WORD, 0x0100cb0a]);
  assert.deepEqual(parseNetwork('fd03::1').words, [0x000003fd, 0, 0, 0x01000000]);
  assert.deepEqual(parseNetwork('::ffff:10.203.0.1').words, parseNetwork('10.203.0.1').words);
  assert.deepEqual(
    parseNetwork('64:ff9b::192.0.2.33').words,
    parseNetwork('64:ff9b::c000:221').words,
  );
  assert.deepEqual(
    parseNetwork('1:2:3:4:5:6:7:8').words,
    [0x02000100, 0x04000300, 0x06000500, 0x08000700],
  );
});

test('bits behind the prefix are cleared, and an IPv4 prefix counts within the mapped address', () => {
  assert.deepEqual(parseNetwork('10.203.255.255/16'), {
    text: '10.203.255.255/16',
    words: [0, 0, V4_MAPPED_WORD, 0x0000cb0a],
    prefixBits: 112,
  });
  assert.deepEqual(parseNetwork('0.0.0.0/0').words, [0, 0, V4_MAPPED_WORD, 0]);
  assert.deepEqual(parseNetwork('::/0').words, [0, 0, 0, 0]);
  assert.deepEqual(parseNetwork('ffff:ffff::/20').words, [0x00f0ffff, 0, 0, 0]);
});

test('what is no network is refused with its text', () => {
  const wrong = [
    '',
    '10.0.0',
    '10.0.0.0/33',
    '::/129',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    'fe80::1%eth0',
    '1.2.3.4/-1',
    'x',
    '10.0.0.0/1e1',
  ];
  for (const text of wrong) {
    assert.throws(
      () => parseNetwork(text),
      (error: Error & { code: string }) =>
        error.code === 'ERR_SOCKFLOW_INVALID_OPTION' &&
        error.message.includes(JSON.stringify(text).slice(1, -1)),
      text,
    );
  }
});
