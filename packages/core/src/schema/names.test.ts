import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { CB_FLAG_TEXTS, ECN_FLAG_TEXTS, KIND_NAMES, OP_NAMES, tcpFlagText } from './names.ts';
import { TcpFlag } from './tcp-flag.ts';

test('numbers that no table knows are named by the number', () => {
  assert.equal(OP_NAMES[20], 'TSTAMP_SENDMSG_CB');
  assert.equal(OP_NAMES[21], 'UNKNOWN(21)');
  assert.equal(KIND_NAMES[0], 'UNKNOWN(0)');
  assert.equal(OP_NAMES.length, 256);
});

test('flag sets are written with bars, unknown bits as hexadecimal', () => {
  assert.equal(CB_FLAG_TEXTS[0], '');
  assert.equal(CB_FLAG_TEXTS[0x0c], 'STATE|RTT');
  assert.equal(CB_FLAG_TEXTS[0x80], '0x80');
  assert.equal(ECN_FLAG_TEXTS[9], 'OK|SEEN');
});

test('any set of TCP flags can be read back from its text', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffff }), (flags) => {
      const text = tcpFlagText(flags);
      const parts = text === '' ? [] : text.split('|');
      const back = parts.reduce(
        (set, part) =>
          set | (part.startsWith('0x') ? Number(part) : TcpFlag[part as keyof typeof TcpFlag]),
        0,
      );
      assert.equal(back, flags);
    }),
  );
});
