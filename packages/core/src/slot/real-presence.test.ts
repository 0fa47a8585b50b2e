import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ACCESSORS } from '../schema/accessors.ts';
import { EVENT_FIELDS } from '../schema/event-fields.ts';
import { HdrOptMode } from '../schema/hdr-opt-mode.ts';
import { Op } from '../schema/op.ts';
import { TcpState } from '../schema/tcp-state.ts';
import { realViews } from './real-events.test.helper.ts';

const VIEWS = realViews({ id: 'real', hz: 250 });
const TCP_FIELDS = new Set(
  EVENT_FIELDS.filter((field) => field.presence === 'tcp').map((field) => field.name),
);
const METRICS = ACCESSORS.filter(({ field }) => field !== undefined && TCP_FIELDS.has(field)).map(
  ({ name }) => name as keyof (typeof VIEWS)[0]['view'],
);
const TSTAMP_OPS = new Set([16, 17, 18, 19, 20]);
const NO_TCP_FLAGS = new Set([16, 17, 18]);

/** The events of a selection; a selection without any would prove nothing. */
function those(test_: (line: (typeof VIEWS)[0]['line']) => boolean): typeof VIEWS {
  const found = VIEWS.filter(({ line }) => test_(line));
  assert.ok(found.length > 0);
  return found;
}

test('request sockets have no TCP metrics, no error and no cgroup', () => {
  for (const { view } of those((line) => line.is_fullsock === 0)) {
    for (const name of METRICS) assert.equal(view[name], undefined, name);
    assert.equal(view.skErr, undefined);
    assert.equal(view.cgroupId, undefined);
    assert.equal(view.isFullsock, false);
    assert.equal(view.state, TcpState.NEW_SYN_RECV);
  }
});

test('ops 16 to 20 have no TCP metrics though their socket is a full one', () => {
  for (const { line, view } of those((candidate) => TSTAMP_OPS.has(candidate.op))) {
    assert.equal(line.is_fullsock, 1);
    for (const name of METRICS) assert.equal(view[name], undefined, name);
    assert.ok(view.skbLen !== undefined);
    assert.ok(view.cgroupId !== undefined);
  }
});

test('full sockets have every TCP metric in all other ops', () => {
  const full = those((line) => line.is_fullsock === 1 && !TSTAMP_OPS.has(line.op));
  for (const { line, view } of full) {
    for (const name of METRICS) {
      if (name === 'rttMinUs') continue;
      assert.ok(view[name] !== undefined, `${name} of op ${line.op}`);
    }
    const isSampled = line.rtt_min !== 0xffffffff;
    assert.equal(view.rttMinUs, isSampled ? line.rtt_min : undefined);
  }
});

test('TCP flags are absent in ops 16 to 18 and where op 14 only asks for the MSS', () => {
  for (const { view } of those((line) => NO_TCP_FLAGS.has(line.op)))
    assert.equal(view.tcpFlags, undefined);
  const isMss = (line: { op: number; args?: readonly number[] | undefined }): boolean =>
    line.op === Op.HDR_OPT_LEN_CB && line.args?.[0] === HdrOptMode.CURRENT_MSS;
  for (const { view } of those(isMss)) {
    assert.equal(view.tcpFlags, undefined);
    assert.equal(view.skbLen, undefined);
    assert.equal(view.hdrOptMode, HdrOptMode.CURRENT_MSS);
  }
});

test('TCP flags are there wherever the kernel gave a segment', () => {
  const others = those(
    (line) =>
      (line.op === Op.HDR_OPT_LEN_CB && line.args?.[0] !== HdrOptMode.CURRENT_MSS) ||
      ([4, 5, 13, 15].includes(line.op) && line.has_skb === 1) ||
      [19, 20].includes(line.op),
  );
  for (const { line, view } of others) {
    assert.equal(view.tcpFlags, line.skb_tcp_flags);
    assert.equal(view.skbLen, line.skb_len);
  }
});

test('no event hides TCP flags that the kernel gave', () => {
  for (const { line, view } of VIEWS) {
    if (view.tcpFlags === undefined) assert.equal(line.skb_tcp_flags, 0, `op ${line.op}`);
  }
});

test('ops 4, 5, 13 and 15 carry a header, op 14 a length and none', () => {
  for (const { line, view } of those((candidate) => candidate.tcp_header !== '')) {
    assert.ok([4, 5, 13, 15].includes(line.op));
    assert.equal(view.tcpHeaderHex, line.tcp_header);
    assert.equal(view.tcpHeaderLength, line.tcp_header!.length / 2);
    assert.ok(view.tcpHeaderLength >= 20 && view.tcpHeaderLength <= 60);
  }
  for (const { view } of those((line) => line.op === Op.HDR_OPT_LEN_CB))
    assert.equal(view.tcpHeaderHex, undefined);
});

test('the ops whose views promise TCP metrics come from full sockets only', () => {
  const promised = new Set([3, 4, 5, 8, 9, 10, 11, 12, 13]);
  for (const { line } of those((candidate) => promised.has(candidate.op)))
    assert.equal(line.is_fullsock, 1, `op ${line.op}`);
});

test('RTO in microseconds follows from jiffies by the origin’s HZ, and is absent without it', () => {
  const bare = realViews();
  for (const [index, { line, view }] of VIEWS.entries()) {
    if (line.op !== Op.RTO_CB) continue;
    assert.equal(view.rtoJiffies, line.args![1]);
    assert.equal(view.rtoUs, line.args![1]! * 4000);
    assert.equal(view.retransmits, line.args![0]);
    assert.equal(view.isExpired, line.args![2] === 1);
    assert.equal(bare[index]!.view.rtoUs, undefined);
  }
});

test('RTT samples and the smoothed RTT are in microseconds', () => {
  for (const { line, view } of those((candidate) => candidate.op === Op.RTT_CB)) {
    assert.equal(view.mrttUs, line.args![0]);
    assert.equal(view.newSrttUs, Math.floor(line.args![1]! / 8));
    assert.equal(view.srttUs, Math.floor(line.srtt_us! / 8));
  }
});

test('a state change starts from the state that the context still has', () => {
  for (const { line, view } of those((candidate) => candidate.op === Op.STATE_CB)) {
    assert.equal(view.oldState, line.state);
    assert.equal(view.newState, line.args![1]);
  }
});

test('addresses and ports read as the hosts of the capture have them, v4-mapped ones as IPv4', () => {
  const hosts = new Set(['10.203.0.1', '10.203.0.2', 'fd03::1', 'fd03::2']);
  const isConnected = (line: { op: number; state: number }): boolean =>
    line.op === Op.STATE_CB && line.state === TcpState.ESTABLISHED;
  for (const { view } of those(isConnected)) {
    assert.ok(hosts.has(view.localAddress!), view.localAddress);
    assert.ok(hosts.has(view.remoteAddress!), view.remoteAddress);
    const serverPort = view.role === 1 ? view.remotePort : view.localPort;
    assert.ok(serverPort >= 7770 && serverPort <= 8099, String(serverPort));
  }
  const mapped = those(
    (line) => line.family === 10 && line.local_port === 8003 && line.state === 1,
  );
  for (const { view } of mapped) {
    assert.equal(view.localAddress, '10.203.0.2');
    assert.equal(view.remoteAddress, '10.203.0.1');
  }
});
