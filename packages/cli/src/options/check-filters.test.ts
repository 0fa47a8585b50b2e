import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isSockflowError, Kind, Op, TcpFlag } from '@sockflow/core';

import { checkFilters } from './check-filters.ts';
import type { FilterSet } from './filter-set.ts';

function refusalOf(filters: Partial<FilterSet>): string | undefined {
  try {
    checkFilters({ ports: [], networks: [], ...filters });
    return undefined;
  } catch (error) {
    assert.ok(isSockflowError(error));
    assert.equal(error.code, 'ERR_SOCKFLOW_INVALID_OPTION');
    assert.notEqual(error.remedy, undefined);
    return error.message;
  }
}

test('a flag both asked for and ruled out is refused by name', () => {
  const { SYN, ACK } = TcpFlag;
  const all = refusalOf({ tcpFlags: { any: 0, all: SYN | ACK, none: SYN } });
  assert.match(all ?? '', /^SYN is asked for by --tcp-flags-all and ruled out by --tcp-flags-none/);
  const any = refusalOf({ tcpFlags: { any: SYN, all: 0, none: SYN | ACK } });
  assert.match(any ?? '', /every flag of --tcp-flags \(SYN\) is ruled out/);
});

test('flags that leave something to match are accepted', () => {
  const { SYN, ACK } = TcpFlag;
  assert.equal(refusalOf({ tcpFlags: { any: SYN | ACK, all: 0, none: SYN } }), undefined);
  assert.equal(refusalOf({ tcpFlags: { any: 0, all: SYN, none: ACK } }), undefined);
});

test('ops are asked of op events only', () => {
  const other = refusalOf({ kinds: [Kind.RTT_SUMMARY], ops: [Op.RTT_CB] });
  assert.match(other ?? '', /--op matches events of kind OP only/);
  assert.equal(refusalOf({ kinds: [Kind.RTT_SUMMARY, Kind.OP], ops: [Op.RTT_CB] }), undefined);
});

test('a time that ends before it starts is refused', () => {
  assert.match(refusalOf({ time: { startNs: 5n, endNs: 5n } }) ?? '', /is not before --to/);
  assert.equal(refusalOf({ time: { startNs: 5n, endNs: 6n } }), undefined);
});
