import assert from 'node:assert/strict';
import { test } from 'node:test';

import { nearestName } from './nearest-name.ts';
import { OP_NAMES } from './schema/names.ts';

test('the nearest name is close in spelling, or the only one that contains what was typed', () => {
  const cases = [
    ['flie', ['console', 'file', 'memory'], 'file'],
    ['RETRAN_CB', OP_NAMES, 'RETRANS_CB'],
    ['retrans_cb', OP_NAMES, 'RETRANS_CB'],
    ['SENDMSG', OP_NAMES, 'TSTAMP_SENDMSG_CB'],
    ['TSTAMP', OP_NAMES, undefined],
    ['nothing like it', OP_NAMES, undefined],
    ['', ['a'], undefined],
    ['ab', [], undefined],
  ] as const;
  for (const [typed, names, expected] of cases) {
    assert.equal(nearestName(typed, names), expected, typed);
  }
});

test('a swap of two letters is near, a short word with two other letters is not', () => {
  assert.equal(nearestName('replya', ['replay', 'run']), 'replay');
  assert.equal(nearestName('rotate', ['state', 'port']), undefined);
});
