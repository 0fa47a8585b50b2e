import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { ACCESSORS } from '../schema/accessors.ts';
import type { OpContext } from '../schema/generated/context-event.ts';
import { Op } from '../schema/op.ts';
import { viewOf } from './real-events.test.helper.ts';

const BASE: OpContext = {
  ts_boot_ns: '5000001234',
  op: Op.RTT_CB,
  family: 2,
  remote_ip4: 0x0200cb0a,
  local_ip4: 0x0100cb0a,
  remote_port: 0x4b1e0000,
  local_port: 443,
  is_fullsock: 1,
  state: 1,
  cookie: '18446744073709551615',
  args: [166, 1328, 0, 0],
};

test('the remote port is turned from network byte order, the local one is not', () => {
  const view = viewOf(BASE);
  assert.equal(view.remotePort, 7755);
  assert.equal(view.localPort, 443);
});

test('any port reads as it was sent', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 65535 }), (port) => {
      const swapped = ((port & 255) << 8) | (port >>> 8);
      const view = viewOf({ ...BASE, remote_port: swapped * 65536, local_port: port });
      assert.equal(view.remotePort, port);
      assert.equal(view.localPort, port);
    }),
  );
});

test('IPv4 addresses read in network order', () => {
  const view = viewOf(BASE);
  assert.equal(view.remoteAddress, '10.203.0.2');
  assert.equal(view.localAddress, '10.203.0.1');
  assert.equal(view.localIp4, 0x0100cb0a);
});

test('rubbish in the IPv4 words of an IPv6 socket is not read', () => {
  // E4
  const view = viewOf({
    ...BASE,
    family: 10,
    remote_ip6: [1021, 0, 0, 0x02000000],
    local_ip6: [1021, 0, 0, 0x01000000],
  });
  assert.equal(view.remoteAddress, 'fd03::2');
  assert.equal(view.localAddress, 'fd03::1');
  assert.equal(view.remoteIp4, undefined);
});

test('both ends of a v4-mapped connection have the same addresses', () => {
  const server = viewOf({
    ...BASE,
    family: 10,
    remote_ip6: [0, 0, 0xffff0000, 0x0100cb0a],
    local_ip6: [0, 0, 0xffff0000, 0x0200cb0a],
  });
  const client = viewOf(BASE);
  assert.equal(server.localAddress, client.remoteAddress);
  assert.equal(server.remoteAddress, client.localAddress);
});

test('an address that was not captured, or of another family, is absent', () => {
  assert.equal(viewOf({ ...BASE, remote_ip4: undefined }).remoteAddress, undefined);
  assert.equal(viewOf({ ...BASE, family: 10 }).remoteAddress, undefined);
  assert.equal(viewOf({ ...BASE, family: 1 }).remoteAddress, undefined);
});

test('srtt is given in microseconds, the kernel keeps it times eight', () => {
  assert.equal(viewOf({ ...BASE, srtt_us: 1328 }).srttUs, 166);
  assert.equal(viewOf({ ...BASE, srtt_us: 0xffffffff }).srttUs, 0x1fffffff);
  assert.equal(viewOf({ ...BASE, srtt_us: 0 }).srttUs, 0);
  assert.equal(viewOf(BASE).srttUs, undefined);
});

test('the minimum RTT is absent before the first sample', () => {
  assert.equal(viewOf({ ...BASE, rtt_min: 0xffffffff }).rttMinUs, undefined);
  assert.equal(viewOf({ ...BASE, rtt_min: 0xfffffffe }).rttMinUs, 0xfffffffe);
});

test('RTT samples are absent where the kernel gives none', () => {
  assert.equal(viewOf(BASE).mrttUs, 166);
  assert.equal(viewOf(BASE).newSrttUs, 166);
  const old = viewOf({ ...BASE, args: [0, 0, 0, 0] });
  assert.equal(old.mrttUs, undefined);
  assert.equal(old.newSrttUs, undefined);
});

test('an RTO is in microseconds by the HZ of its origin', () => {
  const event = { ...BASE, op: Op.RTO_CB, args: [2, 51, 1, 0] };
  assert.equal(viewOf(event, { id: 'host', hz: 250 }).rtoUs, 204_000);
  assert.equal(viewOf(event, { id: 'host', hz: 1000 }).rtoUs, 51_000);
  assert.equal(viewOf(event).rtoUs, undefined);
  assert.equal(viewOf(event).rtoJiffies, 51);
  assert.equal(viewOf(event).isExpired, true);
});

test('the error of a retransmit is signed', () => {
  const event = { ...BASE, op: Op.RETRANS_CB, args: [7, 1, 0xfffffff5, 0] };
  assert.equal(viewOf(event).retransError, -11);
  assert.equal(viewOf({ ...event, args: [7, 1, 0, 0] }).retransError, 0);
  assert.equal(viewOf(event).retransSegs, 1);
});

test('arguments have their meaning only in their own op', () => {
  const view = viewOf(BASE);
  for (const { name, ops } of ACCESSORS) {
    if (ops === undefined) continue;
    const isOwn = ops.includes(Op.RTT_CB);
    assert.equal(view[name as keyof typeof view] !== undefined, isOwn, name);
  }
});

test('64-bit values are exact as bigints beyond 2^53', () => {
  const big = '9007199254740993';
  const view = viewOf({
    ...BASE,
    bytes_acked: big,
    bytes_received: big,
    netns_cookie: big,
    cgroup_id: big,
  });
  assert.equal(view.cookie, 2n ** 64n - 1n);
  assert.equal(view.bytesAckedBig, 9007199254740993n);
  assert.equal(view.bytesReceivedBig, 9007199254740993n);
  assert.equal(view.netnsCookie, 9007199254740993n);
  assert.equal(view.cgroupId, 9007199254740993n);
  assert.equal(view.bytesAcked, 9007199254740992);
});

test('time is exact in ns, and in us to a few ns within a year of uptime', () => {
  const yearNs = 365n * 86400n * 1_000_000_000n;
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: yearNs }), (ns) => {
      const view = viewOf({ ...BASE, ts_boot_ns: ns });
      assert.equal(view.tsNs, ns);
      const wholeUs = Math.floor(view.tsUs);
      const back = BigInt(wholeUs) * 1000n + BigInt(Math.round((view.tsUs - wholeUs) * 1000));
      // A double has 2^-8 us left there, and two roundings.
      assert.ok(back - ns <= 8n && ns - back <= 8n, `${back - ns} ns`);
    }),
    { numRuns: 1000 },
  );
});

test('wall time needs a clock of the origin', () => {
  assert.equal(viewOf(BASE).wallNs, undefined);
  const clock = { bootNs: 5_000_000_000n, realtimeNs: 1_700_000_000_000_000_000n };
  assert.equal(viewOf(BASE, { id: 'host', clock }).wallNs, 1_700_000_000_000_001_234n);
});

test('the owner is there where a process is known, the role where it was seen', () => {
  const known = viewOf({ ...BASE, owner_pid: 7, owner_comm: 'nginx', owner_role: 0 });
  assert.equal(known.ownerPid, 7);
  assert.equal(known.ownerComm, 'nginx');
  assert.equal(known.role, undefined);
  const unknown = viewOf({ ...BASE, owner_pid: 0, owner_comm: '', owner_role: 2 });
  assert.equal(unknown.ownerPid, undefined);
  assert.equal(unknown.ownerComm, undefined);
  assert.equal(unknown.role, 2);
});

test('a captured header is copied out as far as there is room', () => {
  const view = viewOf({ ...BASE, op: Op.PARSE_HDR_OPT_CB, tcp_header: '0102030405' });
  const target = new Uint8Array(8);
  assert.equal(view.tcpHeaderInto(target), 5);
  assert.deepEqual([...target], [1, 2, 3, 4, 5, 0, 0, 0]);
  assert.equal(view.tcpHeaderInto(new Uint8Array(2)), 2);
  assert.equal(viewOf(BASE).tcpHeaderInto(target), 0);
});

test('a header longer than a header can be is cut at 60 bytes', () => {
  const view = viewOf({ ...BASE, op: Op.PARSE_HDR_OPT_CB, tcp_header: 'ab'.repeat(60) });
  view.u32[64] = 1 | (5000 << 16);
  assert.equal(view.tcpHeaderLength, 60);
  assert.equal(view.tcpHeaderHex, 'ab'.repeat(60));
});

test('an object has names for numbers and leaves out what is absent', () => {
  const object = viewOf({
    ...BASE,
    op: Op.STATE_CB,
    args: [1, 4, 0, 0],
    bpf_sock_ops_cb_flags: 0x8f,
    ecn_flags: 1,
    srtt_us: 80,
    owner_role: 1,
  }).toObject();
  assert.deepEqual(object, {
    kind: 'OP',
    op: 'STATE_CB',
    originId: 'host',
    tsNs: 5000001234n,
    cookie: 2n ** 64n - 1n,
    family: 'AF_INET',
    localAddress: '10.203.0.1',
    localPort: 443,
    remoteAddress: '10.203.0.2',
    remotePort: 7755,
    role: 'CLIENT',
    state: 'ESTABLISHED',
    isFullsock: true,
    oldState: 'ESTABLISHED',
    newState: 'FIN_WAIT1',
    cbFlags: 'RTO|RETRANS|STATE|RTT|0x80',
    ecnFlags: 'OK',
    srttUs: 10,
  });
});

test('an op of a later kernel keeps its number and its raw arguments', () => {
  const object = viewOf({ ...BASE, op: 21, args: [1, 2, 3, 4294967295] }).toObject();
  assert.equal(object.op, 'UNKNOWN(21)');
  assert.deepEqual([object.arg0, object.arg1, object.arg2, object.arg3], [1, 2, 3, 4294967295]);
  assert.equal(viewOf({ ...BASE, op: 255 }).toObject().op, 'UNKNOWN(255)');
});

test('a known op’s arguments stand in objects by their names only', () => {
  const view = viewOf(BASE);
  assert.equal(view.arg1, 1328);
  assert.equal('arg1' in view.toObject(), false);
});

test('a state or argument beyond the known ones does not break an object', () => {
  const object = viewOf({ ...BASE, op: Op.STATE_CB, state: 200, args: [5000, 7, 0, 0] }).toObject();
  assert.equal(object.state, 'UNKNOWN(200)');
  assert.equal(object.oldState, 'UNKNOWN(5000)');
  assert.equal(object.newState, 'CLOSE');
});

test('TCP flags have names, AE and unknown bits included', () => {
  const view = viewOf({ ...BASE, op: Op.TSTAMP_ACK_CB, skb_tcp_flags: 0x8112 });
  assert.equal(view.tcpFlags, 0x8112);
  assert.equal(view.toObject().tcpFlags, 'SYN|ACK|AE|0x8000');
});

test('a snapshot has the layout of an op event and no op', () => {
  const object = viewOf({ ...BASE, kind: 'SNAPSHOT', srtt_us: 80, bytes_acked: 7 }).toObject();
  assert.equal(object.kind, 'SNAPSHOT');
  assert.equal(object.op, 'VOID');
  assert.equal(object.srttUs, 10);
  assert.equal(object.bytesAcked, 7);
  assert.equal('mrttUs' in object, false);
});

test('an RTT summary has its samples, its connection and no metric of an op event', () => {
  const buckets = Array.from({ length: 23 }, (_, index) => index * 3);
  const view = viewOf({
    ...BASE,
    op: undefined,
    kind: 'RTT_SUMMARY',
    rtt_sum_us: 2 ** 40,
    rtt_count: 9,
    rtt_low_us: 1,
    rtt_high_us: 4_000_000_000,
    rtt_buckets: buckets,
  });
  const object = view.toObject();
  assert.equal(object.rttSumUs, 2 ** 40);
  assert.equal(object.rttCount, 9);
  assert.equal(object.rttLowUs, 1);
  assert.equal(object.rttHighUs, 4_000_000_000);
  assert.deepEqual(object.rttBuckets, buckets);
  assert.deepEqual(
    buckets.map((_, index) => view.rttBucket(index)),
    buckets,
  );
  assert.deepEqual([view.rttBucket(-1), view.rttBucket(23)], [0, 0]);
  assert.equal(object.remoteAddress, '10.203.0.2');
  for (const name of ['sndCwnd', 'bytesReceived', 'skbHwtstampNs', 'skbLen', 'cbFlags'] as const)
    assert.equal(view[name], undefined, name);
});

test('what only an RTT summary has is absent in an op event', () => {
  const view = viewOf({ ...BASE, bytes_received: 7 });
  assert.equal(view.rttCount, undefined);
  assert.equal(view.rttBuckets, undefined);
  assert.equal(view.rttBucket(0), undefined);
});

test('every name in an object is an accessor of the view', () => {
  const object = viewOf({ ...BASE, srtt_us: 80 }).toObject();
  const names = new Set(
    ACCESSORS.filter((accessor) => accessor.object !== undefined).map(({ name }) => name),
  );
  for (const name of Object.keys(object)) assert.ok(names.has(name), name);
});
