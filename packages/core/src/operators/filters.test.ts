import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type Observable } from 'rxjs';

import type { Batch } from '../batch/batch.ts';
import { CbFlag } from '../schema/cb-flag.ts';
import type { OpContext } from '../schema/generated/context-event.ts';
import { Kind } from '../schema/kind.ts';
import { Op } from '../schema/op.ts';
import { TcpFlag } from '../schema/tcp-flag.ts';
import { TcpState } from '../schema/tcp-state.ts';
import { filterAddress } from './filter-address.ts';
import { filterConnection } from './filter-connection.ts';
import { filterFlags } from './filter-flags.ts';
import { filterKind } from './filter-kind.ts';
import { filterOp } from './filter-op.ts';
import { filterPort } from './filter-port.ts';
import { filterState } from './filter-state.ts';
import { filterTime } from './filter-time.ts';
import { LaneStream } from './lane-stream.ts';
import { spanOf, type TestSlot } from './random-events.test.helper.ts';
import { sampleConnections } from './sample-connections.ts';

const BASE: OpContext = {
  ts_boot_ns: 100,
  op: Op.RTT_CB,
  family: 2,
  local_ip4: 0x0100cb0a, // 10.203.0.1
  remote_ip4: 0x0200cb0a, // 10.203.0.2
  local_port: 50000,
  remote_port: 0xbb010000, // 443
  is_fullsock: 1,
  state: TcpState.ESTABLISHED,
  cookie: 7,
  netns_cookie: 1,
  bpf_sock_ops_cb_flags: CbFlag.RTT | CbFlag.STATE,
  skb_tcp_flags: 0,
  has_skb: 0,
  ecn_flags: 0,
};
const SYN: OpContext = { ...BASE, op: Op.PARSE_HDR_OPT_CB, has_skb: 1, skb_tcp_flags: TcpFlag.SYN };
const REQUEST: OpContext = {
  ...BASE,
  op: Op.NEEDS_ECN,
  is_fullsock: 0,
  state: TcpState.NEW_SYN_RECV,
};
const V4_MAPPED: OpContext = {
  ...BASE,
  family: 10,
  // Rubbish, as the kernel leaves it.
  local_ip4: 0x0600007f,
  remote_ip4: 0,
  local_ip6: [0, 0, 0xffff0000, 0x0100cb0a],
  remote_ip6: [0, 0, 0xffff0000, 0x0200cb0a],
};
const V6: OpContext = {
  ...V4_MAPPED,
  local_ip6: [0x000003fd, 0, 0, 0x01000000],
  remote_ip6: [0x000003fd, 0, 0, 0x02000000],
};
const SNAPSHOT: TestSlot = { ...BASE, kind: 'SNAPSHOT' };

type Filter = (source: Observable<Batch>) => Observable<Batch>;

/** Which of the slots pass. */
function passing(filter: Filter, slots: readonly TestSlot[]): number[] {
  const stream = new LaneStream({ lane: 0, lanes: 1, views: 'checked' });
  const span = spanOf(slots);
  const places: number[] = [];
  filter(stream.batches).subscribe(({ raw, size }) => {
    for (const word of raw.words.subarray(0, size)) places.push(span.words.indexOf(word));
  });
  stream.deliver(span);
  return places;
}

test('filterOp keeps the ops named, of op events only', () => {
  const slots = [BASE, SYN, SNAPSHOT, { ...BASE, op: 42 }];
  assert.deepEqual(passing(filterOp(Op.RTT_CB) as Filter, slots), [0]);
  assert.deepEqual(passing(filterOp(Op.RTT_CB, 42) as Filter, slots), [0, 3]);
  // The low five bits of 44 are those of RTT_CB.
  const alike = [BASE, { ...BASE, op: 44 }];
  assert.deepEqual(passing(filterOp(Op.RTT_CB, Op.RTO_CB) as Filter, alike), [0]);
  assert.deepEqual(passing(filterOp(44, 43) as Filter, alike), [1]);
  // A snapshot's op is 0, which is no op of its.
  assert.deepEqual(passing(filterOp(Op.VOID) as Filter, slots), []);
});

test('filterKind keeps the kinds named', () => {
  const slots = [BASE, SNAPSHOT];
  assert.deepEqual(passing(filterKind(Kind.SNAPSHOT) as Filter, slots), [1]);
  assert.deepEqual(passing(filterKind(Kind.OP, Kind.SNAPSHOT) as Filter, slots), [0, 1]);
});

test('filterFlags asks for any, all and none, and what has no flags does not pass', () => {
  const ack = { ...SYN, skb_tcp_flags: TcpFlag.SYN | TcpFlag.ACK };
  const slots = [SYN, ack, BASE, REQUEST, SNAPSHOT];
  const { SYN: syn, ACK, FIN } = TcpFlag;
  assert.deepEqual(passing(filterFlags({ tcp: { any: syn | FIN } }), slots), [0, 1]);
  assert.deepEqual(passing(filterFlags({ tcp: { all: syn | ACK } }), slots), [1]);
  assert.deepEqual(passing(filterFlags({ tcp: { none: ACK } }), slots), [0]);
  assert.deepEqual(passing(filterFlags({ cb: { any: CbFlag.RTT } }), slots), [0, 1, 2]);
  assert.deepEqual(passing(filterFlags({ cb: { none: CbFlag.RTO } }), slots), [0, 1, 2]);
  assert.deepEqual(
    passing(filterFlags({ cb: { any: CbFlag.RTT }, tcp: { none: FIN } }), slots),
    [0, 1],
  );
  assert.deepEqual(passing(filterFlags({ ecn: { none: 1 } }), slots), [0, 1, 2]);
});

test('filterState keeps op events and snapshots in a state', () => {
  const slots = [BASE, REQUEST, SNAPSHOT];
  assert.deepEqual(passing(filterState(TcpState.ESTABLISHED), slots), [0, 2]);
  assert.deepEqual(passing(filterState(TcpState.NEW_SYN_RECV), slots), [1]);
});

test('filterPort compares either end, or the one named, in the order people write ports', () => {
  const swapped = { ...BASE, local_port: 443, remote_port: 0x50c30000 };
  const slots = [BASE, swapped, SNAPSHOT];
  assert.deepEqual(passing(filterPort(443), slots), [0, 1, 2]);
  assert.deepEqual(passing(filterPort(443, { end: 'remote' }), slots), [0, 2]);
  assert.deepEqual(passing(filterPort([443, 1, 2, 3, 4, 5], { end: 'local' }), slots), [1]);
  assert.deepEqual(passing(filterPort([1, 2]), slots), []);
  // 443 with its bytes the other way round.
  assert.deepEqual(passing(filterPort(0xbb01), slots), []);
});

test('filterAddress matches both ends of a connection alike, v4-mapped or not, and no rubbish', () => {
  const slots = [BASE, V4_MAPPED, V6, SNAPSHOT];
  assert.deepEqual(passing(filterAddress('10.203.0.0/16'), slots), [0, 1, 3]);
  assert.deepEqual(passing(filterAddress('10.203.0.1', { end: 'remote' }), slots), []);
  assert.deepEqual(passing(filterAddress('10.203.0.2', { end: 'remote' }), slots), [0, 1, 3]);
  assert.deepEqual(passing(filterAddress('127.0.0.0/8'), slots), []);
  assert.deepEqual(passing(filterAddress(['fd03::/16', '1.1.1.1']), slots), [2]);
  assert.deepEqual(passing(filterAddress('::/0'), slots), [0, 1, 2, 3]);
  assert.deepEqual(passing(filterAddress('0.0.0.0/0'), slots), [0, 1, 3]);
});

test('filterConnection keeps one connection, as exactly as it is named', () => {
  const slots = [BASE, { ...BASE, netns_cookie: 2 }, { ...BASE, cookie: 2n ** 63n + 7n }];
  assert.deepEqual(passing(filterConnection({ cookie: 7 }), slots), [0, 1]);
  assert.deepEqual(passing(filterConnection({ cookie: 7n, netnsCookie: 2 }), slots), [1]);
  assert.deepEqual(passing(filterConnection({ cookie: 2n ** 63n + 7n }), slots), [2]);
  assert.deepEqual(passing(filterConnection({ cookie: 7, originId: 'boot-a' }), slots), [0, 1]);
  assert.deepEqual(passing(filterConnection({ cookie: 7, originId: 'boot-b' }), slots), []);
});

test('filterTime keeps a span of boot time without its end', () => {
  const slots = [99n, 100n, 2n ** 40n, 2n ** 63n].map((ns) => ({ ...BASE, ts_boot_ns: ns }));
  assert.deepEqual(passing(filterTime({ startNs: 100n }), slots), [1, 2, 3]);
  assert.deepEqual(passing(filterTime({ endNs: 100n }), slots), [0]);
  assert.deepEqual(passing(filterTime({ startNs: 100n, endNs: 2n ** 63n }), slots), [1, 2]);
});

test('sampleConnections keeps whole connections, about as many as asked, and more of the same for more', () => {
  const slots = Array.from({ length: 2000 }, (_, index) => ({ ...BASE, cookie: index % 1000 }));
  const tenth = passing(sampleConnections(0.1), slots);
  const half = new Set(passing(sampleConnections(0.5), slots));
  assert.ok(tenth.length / 2 > 60 && tenth.length / 2 < 140, `${tenth.length / 2} of 1000`);
  for (const place of tenth) {
    assert.ok(half.has(place));
    assert.ok(tenth.includes((place + 1000) % 2000));
  }
  assert.equal(passing(sampleConnections(1), slots).length, 2000);
  assert.equal(passing(sampleConnections(0), slots).length, 0);
});

test('options that cannot be are refused where they are written', () => {
  const wrong: readonly (() => unknown)[] = [
    () => filterOp(),
    () => filterOp(256),
    () => filterOp(-1),
    () => filterState(),
    () => filterKind(),
    () => filterFlags({}),
    () => filterFlags({ tcp: {} }),
    () => filterFlags({ tcp: { any: 0x10000 } }),
    () => filterFlags({ cb: { all: 256 } }),
    () => filterPort([]),
    () => filterPort(65536),
    () => filterPort(80, { end: 'both' as 'either' }),
    () => filterAddress([]),
    () => filterAddress('localhost'),
    () => filterConnection({ cookie: -1 }),
    () => filterConnection({ cookie: 2n ** 64n }),
    () => filterConnection({ cookie: 0.5 }),
    () => filterTime({}),
    () => filterTime({ startNs: -1n }),
    // Of another name, and a bigint, which JSON has not.
    () => filterTime({ start: 1n } as object),
    () => sampleConnections(1.1),
    () => sampleConnections(Number.NaN),
  ];
  for (const make of wrong) {
    assert.throws(make, { code: 'ERR_SOCKFLOW_INVALID_OPTION', name: 'ConfigError' }, String(make));
  }
});
