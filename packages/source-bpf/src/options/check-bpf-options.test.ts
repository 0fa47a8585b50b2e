import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CbFlag, isSockflowError, Op } from '@sockflow/core';

import type { BpfOptions } from '../bpf-options.ts';
import { bpf } from '../bpf.ts';
import { DEFAULT_OPS } from './asked-ops.ts';
import { checkBpfOptions } from './check-bpf-options.ts';

const LIFE_FLAGS = CbFlag.RTO | CbFlag.RETRANS | CbFlag.STATE;

function asked(options: BpfOptions): ReturnType<typeof checkBpfOptions>['asked'] {
  return checkBpfOptions(options).asked;
}

function bits(...ops: readonly number[]): bigint {
  return ops.reduce((mask, op) => mask | (1n << BigInt(op)), 0n);
}

test('without options: the life of connections, their losses, folded RTT, ECN of request sockets alone', () => {
  assert.deepEqual(asked({}), {
    reportedOps: [3, 4, 5, 6, 8, 9, 10, 11],
    opsMask: bits(...DEFAULT_OPS),
    cbFlags: LIFE_FLAGS | CbFlag.RTT,
    rtt: 'folded',
    isEcnOnRequestOnly: true,
    timestamps: 'no',
  });
  const { ringBytes, existing, memory, cgroup, foldIntervalMs, isPushedDown } = checkBpfOptions({});
  assert.deepEqual(
    { ringBytes, existing, memory, cgroup, foldIntervalMs, isPushedDown },
    {
      ringBytes: 2 ** 24,
      existing: 'auto',
      memory: 'auto',
      cgroup: 'auto',
      foldIntervalMs: 1000,
      isPushedDown: true,
    },
  );
});

test('creating a source opens nothing, and its name says whose sockets', () => {
  assert.equal(bpf().name, 'bpf(auto)');
  assert.equal(bpf({ cgroup: '/no/such/place' }).name, 'bpf(/no/such/place)');
});

test('an op asks for the flag that gates it, and for no other', () => {
  const flags: [number, number][] = [
    [Op.RTO_CB, CbFlag.RTO],
    [Op.RETRANS_CB, CbFlag.RETRANS],
    [Op.STATE_CB, CbFlag.STATE],
    [Op.RTT_CB, CbFlag.RTT],
    [Op.PARSE_HDR_OPT_CB, CbFlag.PARSE_ALL_HDR_OPT],
    [Op.HDR_OPT_LEN_CB, CbFlag.WRITE_HDR_OPT],
    [Op.WRITE_HDR_OPT_CB, CbFlag.WRITE_HDR_OPT],
    [Op.TCP_CONNECT_CB, 0],
    [Op.NEEDS_ECN, 0],
    [Op.TSTAMP_ACK_CB, 0],
  ];
  for (const [op, flag] of flags) {
    const { cbFlags, reportedOps } = asked(
      op === Op.RTT_CB ? { ops: [op] } : { ops: [op], rtt: 'off' },
    );
    assert.deepEqual([cbFlags, reportedOps], [flag, [op]], `op ${op}`);
  }
});

test('flags of cbFlags are requested besides, and report no op by themselves', () => {
  const { cbFlags, opsMask } = asked({ ops: [Op.STATE_CB], rtt: 'off', cbFlags: CbFlag.RTO });
  assert.equal(cbFlags, CbFlag.STATE | CbFlag.RTO);
  assert.equal(opsMask, bits(Op.STATE_CB));
});

test('headers with unknown options only, where cbFlags asks for those', () => {
  const ops = [Op.PARSE_HDR_OPT_CB];
  assert.equal(
    asked({ ops, rtt: 'off', cbFlags: CbFlag.PARSE_UNKNOWN_HDR_OPT }).cbFlags,
    CbFlag.PARSE_UNKNOWN_HDR_OPT,
  );
  const both = CbFlag.PARSE_UNKNOWN_HDR_OPT | CbFlag.PARSE_ALL_HDR_OPT;
  assert.equal(asked({ ops, rtt: 'off', cbFlags: both }).cbFlags, both);
});

test('RTT_CB among the ops means a slot for each sample, and so does rtt raw', () => {
  for (const options of [{ ops: [Op.RTT_CB] }, { rtt: 'raw' }] satisfies BpfOptions[]) {
    const { rtt, reportedOps, opsMask, cbFlags } = asked(options);
    assert.equal(rtt, 'raw');
    assert.ok(reportedOps?.includes(Op.RTT_CB));
    assert.ok((opsMask & bits(Op.RTT_CB)) !== 0n && (cbFlags & CbFlag.RTT) !== 0);
  }
});

test('folded samples need the close of a socket too, which is reported only where STATE_CB is asked for', () => {
  const { cbFlags, opsMask } = asked({ ops: [Op.RETRANS_CB] });
  assert.equal(cbFlags, CbFlag.RETRANS | CbFlag.RTT | CbFlag.STATE);
  assert.equal(opsMask, bits(Op.RETRANS_CB));
});

test('no samples, no flag for them', () => {
  const { rtt, cbFlags } = asked({ rtt: 'off' });
  assert.deepEqual([rtt, cbFlags], ['off', LIFE_FLAGS]);
});

test('all ops are those of later kernels too, with each sample unless they are folded', () => {
  const all = asked({ ops: 'all' });
  assert.deepEqual(
    [all.reportedOps, all.rtt, all.cbFlags, all.timestamps],
    [undefined, 'raw', 0x7f & ~CbFlag.PARSE_UNKNOWN_HDR_OPT, 'where-known'],
  );
  assert.ok((all.opsMask & bits(1, 20, 21, 63)) === bits(1, 20, 21, 63));
  assert.equal(all.isEcnOnRequestOnly, false);
  const folded = asked({ ops: 'all', rtt: 'folded' });
  assert.equal(folded.opsMask & bits(Op.RTT_CB, 63), bits(63));
  assert.ok(folded.reportedOps?.includes(Op.RTT_CB) === false);
});

test('time stamp ops that are named are needed', () => {
  assert.equal(asked({ ops: [Op.TSTAMP_SND_SW_CB] }).timestamps, 'needed');
});

test('what cannot be is refused by name, with what to do', () => {
  const refused: [object, RegExp][] = [
    [{ ops: [] }, /ops to be at least one op/],
    [{ ops: [0] }, /an op that fires/],
    [{ ops: [21] }, /1 to 20.*found 21/],
    [{ ops: 'RTT_CB' }, /a list of ops, or 'all'/],
    [{ ops: [Op.RTT_CB], rtt: 'folded' }, /names RTT_CB.*rtt is 'folded'/],
    [{ ops: [Op.RTT_CB], rtt: 'off' }, /names RTT_CB.*rtt is 'off'/],
    [{ rtt: 'fold' }, /one of 'folded', 'raw', 'off'/],
    [{ rtt: 'raw', rttIntervalMs: 5 }, /rttIntervalMs to be left out/],
    [{ rttIntervalMs: -1 }, /a number of ms from 0/],
    [{ rttIntervalMs: Number.NaN }, /found NaN/],
    [{ cbFlags: 128 }, /bits of CbFlag/],
    [{ cbFlags: 1.5 }, /bits of CbFlag/],
    [{ ringBytes: 2048 }, /power of two from 4096/],
    [{ ringBytes: 2 ** 31 }, /found 2147483648/],
    [{ ringBytes: 5000 }, /found 5000/],
    [{ ringBytes: '16MiB' }, /found "16MiB"/],
    [{ existing: 'yes' }, /one of 'auto', 'own-netns'/],
    [{ memory: 'shared' }, /one of 'auto', 'mapped', 'copied'/],
    [{ cgroup: '' }, /cgroup to be a path/],
    [{ btfPath: 7 }, /btfPath to be a path/],
    [{ pushDown: 'no' }, /true or false/],
    [{ op: [3] }, /no option 'op': did you mean 'ops'/],
  ];
  for (const [options, message] of refused) {
    assert.throws(
      () => bpf(options),
      (error) =>
        isSockflowError(error) &&
        error.code === 'ERR_SOCKFLOW_INVALID_OPTION' &&
        message.test(error.message) &&
        (error.remedy ?? '') !== '',
      JSON.stringify(options),
    );
  }
});
