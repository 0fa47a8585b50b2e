import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CbFlag, isSockflowError, Op, TcpFlag, TcpState } from '@sockflow/core';

import {
  CB_FLAG_TABLE,
  KIND_TABLE,
  OP_TABLE,
  parseNames,
  STATE_TABLE,
  TCP_FLAG_TABLE,
} from './name-table.ts';

test('names are read in any case, with the kernel’s prefix, without the suffix _CB, separated by comma or bar', () => {
  const text = 'rtt_cb, BPF_SOCK_OPS_STATE_CB|Retrans';
  assert.deepEqual(parseNames(OP_TABLE, '--op', text), [Op.RTT_CB, Op.STATE_CB, Op.RETRANS_CB]);
});

test('a callback flag may be spelt as the kernel spells it', () => {
  const text = 'BPF_SOCK_OPS_RTT_CB_FLAG,BPF_SOCK_OPS_PARSE_ALL_HDR_OPT_CB_FLAG,rto_cb';
  const expected = [CbFlag.RTT, CbFlag.PARSE_ALL_HDR_OPT, CbFlag.RTO];
  assert.deepEqual(parseNames(CB_FLAG_TABLE, '--cb-flags', text), expected);
});

test('every name of every table reads as itself', () => {
  for (const table of [OP_TABLE, CB_FLAG_TABLE, TCP_FLAG_TABLE, STATE_TABLE, KIND_TABLE]) {
    for (const [name, value] of Object.entries(table.values)) {
      for (const prefix of ['', ...table.prefixes]) {
        assert.deepEqual(parseNames(table, '--x', prefix + name.toLowerCase()), [value]);
      }
    }
  }
});

test('states may be spelt as ss spells them', () => {
  assert.deepEqual(parseNames(STATE_TABLE, '--state', 'estab,fin-wait-1,listening,syn-sent'), [
    TcpState.ESTABLISHED,
    TcpState.FIN_WAIT1,
    TcpState.LISTEN,
    TcpState.SYN_SENT,
  ]);
});

test('an op without a name is given by number, as the output names it too', () => {
  assert.deepEqual(parseNames(OP_TABLE, '--op', '12,UNKNOWN(23),0x19'), [12, 23, 25]);
});

test('a name given twice counts once', () => {
  assert.deepEqual(parseNames(TCP_FLAG_TABLE, '--tcp-flags', 'SYN,syn'), [TcpFlag.SYN]);
});

test('an unknown name is refused with the nearest one, its option and all that there are', () => {
  assert.throws(
    () => parseNames(OP_TABLE, '--op', 'RTT_CB,RETRAN_CB'),
    (error) => {
      assert.ok(isSockflowError(error));
      assert.equal(error.code, 'ERR_SOCKFLOW_UNKNOWN_NAME');
      assert.match(error.message, /no op is called 'RETRAN_CB'/);
      assert.match(error.remedy ?? '', /Did you mean RETRANS_CB\?.*TSTAMP_SENDMSG_CB/);
      assert.deepEqual(error.details, { place: '--op' });
      return true;
    },
  );
});

test('nothing is suggested for a name that is like no other', () => {
  assert.throws(
    () => parseNames(TCP_FLAG_TABLE, '--tcp-flags', 'nonsense'),
    (error) => isSockflowError(error) && !/Did you mean/.test(error.remedy ?? ''),
  );
});

test('an empty name in a list and a number above 255 are refused', () => {
  for (const text of ['', 'RTT_CB,', '256']) {
    assert.throws(() => parseNames(OP_TABLE, '--op', text), { code: 'ERR_SOCKFLOW_UNKNOWN_NAME' });
  }
});
