import assert from 'node:assert/strict';
import { test } from 'node:test';

import { PacketCapture, until } from '@sockflow/test-support';
import { Op } from 'sockflow';

import { assertAsSs } from './assert-as-ss.ts';
import { endsOf, isClosed, ofOp, only, storyOf } from './events-of.ts';
import { KernelScene } from './kernel-scene.ts';
import { LiveRun } from './live-run.ts';

const SYN = 2;
const SYN_ACK = 18;
const FIN = 1;
const ACK = 16;
/** 1 to 6, 10 and 11: what a connection is made of. */
const OPS = [
  Op.TIMEOUT_INIT,
  Op.RWND_INIT,
  Op.TCP_CONNECT_CB,
  Op.ACTIVE_ESTABLISHED_CB,
  Op.PASSIVE_ESTABLISHED_CB,
  Op.NEEDS_ECN,
  Op.STATE_CB,
  Op.TCP_LISTEN_CB,
];
const CLIENT_STORY = [
  'TCP_CONNECT_CB',
  'RWND_INIT',
  'TIMEOUT_INIT',
  'NEEDS_ECN',
  'SYN_SENT > ESTABLISHED',
  'ACTIVE_ESTABLISHED_CB',
  'ESTABLISHED > FIN_WAIT1',
  'FIN_WAIT1 > FIN_WAIT2',
  'FIN_WAIT2 > CLOSE',
];
const SERVER_STORY = [
  'RWND_INIT NEW_SYN_RECV',
  'TIMEOUT_INIT NEW_SYN_RECV',
  'NEEDS_ECN NEW_SYN_RECV',
  'PASSIVE_ESTABLISHED_CB',
  'SYN_RECV > ESTABLISHED',
  'ESTABLISHED > CLOSE_WAIT',
  'CLOSE_WAIT > LAST_ACK',
  'LAST_ACK > CLOSE',
];

for (const [what, listensOn, connectsTo, families] of [
  ['IPv4', 'ip4', 'ip4', ['AF_INET', 'AF_INET']],
  ['IPv6', 'ip6', 'ip6', ['AF_INET6', 'AF_INET6']],
  ['IPv4 to a listener of both', 'both', 'ip4', ['AF_INET', 'AF_INET6']],
] as const) {
  test(`a connection by ${what} is told op by op, as its ends, ss and the wire have it`, async (t) => {
    const scene = await KernelScene.use(t);
    if (scene === undefined) return;
    const { a, b, cgroup, client, server } = scene;
    const capture = await PacketCapture.start(t, a);
    const live = await LiveRun.start(t, cgroup, { ops: OPS, rtt: 'off' });
    const listener = await scene.echo(listensOn === 'both' ? '::' : b[listensOn]);
    const joined = await scene.join(listener, b[connectsTo]);
    await joined.near.exchange(5, 1000);
    // From the quiet after the last acknowledgement on until the close nothing changes.
    const far = await until('the last acknowledgement', () => {
      const [socket] = b.sockets(`sport = :${listener.port} and dport = :${joined.near.localPort}`);
      return socket?.numbers['bytes_acked'] === 5000 ? socket : undefined;
    });
    const near = only(a.sockets(`sport = :${joined.near.localPort}`));
    await scene.close(joined);
    await live.find('the end of the client', isClosed(joined.near));
    await live.find('the end of the server', isClosed(joined.far));
    const segments = await capture.stop();
    await live.stop();

    const told = endsOf(live.events, joined);
    assert.deepEqual(storyOf(told.client), CLIENT_STORY);
    assert.deepEqual(storyOf(told.server), SERVER_STORY);
    for (const [events, end, family, pid, role] of [
      [told.client, joined.near, families[0], client.pid, 'CLIENT'],
      [told.server, joined.far, families[1], server.pid, 'SERVER'],
    ] as const) {
      for (const event of events) {
        assert.equal(event.family, family);
        assert.equal(event.localAddress, end.localAddress.replace('::ffff:', ''));
        assert.equal(event.remoteAddress, end.remoteAddress.replace('::ffff:', ''));
        if (!event.isFullsock) continue;
        assert.deepEqual([event.ownerPid, event.ownerComm, event.role], [pid, client.comm, role]);
        assert.equal(event.cgroupId, cgroup.id);
      }
    }
    assert.deepEqual(new Set(told.client.map(({ cookie }) => cookie)), new Set([near.cookie]));
    assert.deepEqual(new Set(told.server.map(({ cookie }) => cookie)), new Set([far.cookie]));
    const closing = only(told.client.filter(({ newState }) => newState === 'FIN_WAIT1'));
    assertAsSs(closing, near);

    const listening = only(ofOp(live.events, 'TCP_LISTEN_CB'));
    assert.deepEqual([listening.localPort, listening.ownerPid], [listener.port, server.pid]);

    const wire = (flags: number, port: number, among = 0xff) =>
      segments.filter((one) => (one.flags & among) === flags && one.sourcePort === port);
    const syn = only(wire(SYN, joined.near.localPort));
    const synAck = only(wire(SYN_ACK, listener.port));
    const fin = only(wire(FIN, joined.near.localPort, FIN));
    const active = only(ofOp(told.client, 'ACTIVE_ESTABLISHED_CB'));
    assert.equal(active.tcpHeaderHex, synAck.header.toString('hex'));
    assert.deepEqual([active.tcpFlags, active.skbLen], ['SYN|ACK', synAck.header.length]);
    assert.deepEqual([active.sndUna, active.sndNxt], [syn.seq + 1, syn.seq + 1].map(u32));
    assert.equal(active.rcvNxt, u32(synAck.seq + 1));
    const passive = only(ofOp(told.server, 'PASSIVE_ESTABLISHED_CB'));
    const firstAck = wire(ACK, joined.near.localPort)[0];
    assert.equal(passive.tcpHeaderHex, firstAck?.header.toString('hex'));
    assert.equal(passive.tcpFlags, 'ACK');
    assert.equal(passive.rcvNxt, u32(syn.seq + 1));
    assert.equal(closing.sndNxt, fin.seq);
  });
}

function u32(value: number): number {
  return value >>> 0;
}
