import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import {
  type CapturedSegment,
  PacketCapture,
  type TrafficConnection,
  until,
} from '@sockflow/test-support';
import { type EventObject, Op } from 'sockflow';

import { endsOf, eventsOf, isClosed, ofOp, only, storyOf } from './events-of.ts';
import { type JoinedConnection, KernelScene } from './kernel-scene.ts';
import { LiveRun } from './live-run.ts';

const SYN = 2;
const SYN_ACK = 18;
const ACK = 16;
/** linux/errno.h */
const ECONNRESET = 104;
const ETIMEDOUT = 110;
const ECONNREFUSED = 111;
const EHOSTUNREACH = 113;
const SYN_TIMEOUT_US = 1_000_000;

for (const family of ['ip4', 'ip6'] as const) {
  test(`a refused connection by ${family} closes with ECONNREFUSED, from the port that its socket had`, async (t) => {
    const scene = await KernelScene.use(t);
    if (scene === undefined) return;
    const live = await LiveRun.start(t, scene.cgroup, { ops: [Op.TCP_CONNECT_CB, Op.STATE_CB] });
    const port = 7;
    const failure = await scene.client.failToConnect({ host: scene.b[family], port });
    assert.equal(failure.code, 'ECONNREFUSED');
    const ports = { localPort: failure.localPort ?? 0, remotePort: port };
    await live.find('the end', isClosed(ports));
    await live.stop();
    const events = eventsOf(live.events, ports);
    assert.deepEqual(storyOf(events), ['TCP_CONNECT_CB', `SYN_SENT > CLOSE error ${ECONNREFUSED}`]);
    assert.equal(new Set(events.map(({ cookie }) => cookie)).size, 1);
    for (const event of events) assert.equal(event.ownerPid, scene.client.pid);
  });
}

test('what a firewall answers with is the error that the connection closes with', async (t) => {
  const scene = await KernelScene.use(t);
  if (scene === undefined) return;
  const { b, client } = scene;
  const live = await LiveRun.start(t, scene.cgroup, { ops: [Op.TCP_CONNECT_CB, Op.STATE_CB] });
  let port = 7001;
  for (const [verdict, code, errno] of [
    ['reject with tcp reset', 'ECONNREFUSED', ECONNREFUSED],
    ['reject with icmpx host-unreachable', 'EHOSTUNREACH', EHOSTUNREACH],
  ] as const) {
    for (const host of [b.ip4, b.ip6]) {
      const remotePort = port++;
      // The first SYN is lost: an answer by ICMP while the process is still in `connect` would stay a soft error, which is no reason to close.
      b.drop(`tcp dport ${remotePort}`);
      const failing = client.failToConnect({ host, port: remotePort });
      await live.find('the connect', (event) => event.remotePort === remotePort);
      b.clearRules();
      b.addRule(`meta l4proto tcp tcp dport ${remotePort}`, verdict);
      const failure = await failing;
      assert.equal(failure.code, code);
      const ports = { localPort: failure.localPort ?? 0, remotePort };
      await live.find('the end', isClosed(ports));
      const story = storyOf(eventsOf(live.events, ports));
      assert.deepEqual(story, ['TCP_CONNECT_CB', `SYN_SENT > CLOSE error ${errno}`]);
    }
  }
  await live.stop();
});

test('a reset closes both ends, with ECONNRESET where it arrives', async (t) => {
  const scene = await KernelScene.use(t);
  if (scene === undefined) return;
  const live = await LiveRun.start(t, scene.cgroup, { ops: [Op.STATE_CB] });
  const listener = await scene.echo();
  for (const resetter of ['near', 'far'] as const) {
    const joined: JoinedConnection = await scene.join(listener);
    await joined.near.exchange(2, 100);
    const other: TrafficConnection = resetter === 'near' ? joined.far : joined.near;
    await joined[resetter].reset();
    assert.equal((await other.closed()).errorCode, 'ECONNRESET');
    await live.find('the end of the client', isClosed(joined.near));
    await live.find('the end of the server', isClosed(joined.far));
    const { client, server } = endsOf(live.events, joined);
    const lastOf = (events: EventObject[]) => storyOf(events).at(-1);
    const [sent, got] = resetter === 'near' ? [client, server] : [server, client];
    assert.equal(lastOf(sent), 'ESTABLISHED > CLOSE');
    assert.equal(lastOf(got), `ESTABLISHED > CLOSE error ${ECONNRESET}`);
  }
  await live.stop();
});

test('a SYN that nobody answers is told as timeouts and retransmissions until it is given up', async (t) => {
  const scene = await KernelScene.use(t);
  if (scene === undefined) return;
  const { a, client } = scene;
  const [host, port] = ['10.203.0.9', 7003];
  a.addSilentNeighbour(host);
  // The first ones a second apart each, and few.
  a.run('sh', '-c', 'cd /proc/sys/net/ipv4; echo 1 > tcp_syn_retries');
  const capture = await PacketCapture.start(t, a, `dst host ${host}`);
  const live = await LiveRun.start(t, scene.cgroup, {
    ops: [Op.RTO_CB, Op.RETRANS_CB, Op.STATE_CB],
  });
  const failure = await client.failToConnect({ host, port });
  assert.equal(failure.code, 'ETIMEDOUT');
  const ports = { localPort: failure.localPort ?? 0, remotePort: port };
  await live.find('the end', isClosed(ports));
  await live.stop();
  const syns = await capture.stop();
  assert.ok(syns.length >= 2 && syns.every(({ flags }) => flags === SYN), `${syns.length} SYNs`);
  const events = eventsOf(live.events, ports);
  const again = syns.slice(1);
  assert.deepEqual(storyOf(events), [
    ...again.flatMap(() => ['RTO_CB', 'RETRANS_CB']),
    'RTO_CB',
    `SYN_SENT > CLOSE error ${ETIMEDOUT}`,
  ]);
  for (const [index, event] of ofOp(events, 'RTO_CB').entries()) {
    const wanted = [index, SYN_TIMEOUT_US, index === again.length, 'SYN_SENT'];
    assert.deepEqual([event.retransmits, event.rtoUs, event.isExpired, event.state], wanted);
  }
  for (const event of ofOp(events, 'RETRANS_CB')) {
    const told = [event.retransSeq, event.retransSegs, event.retransError, event.state];
    assert.deepEqual(told, [syns[0]?.seq, 1, 0, 'SYN_SENT']);
  }
  for (const event of events) assert.equal(event.ownerPid, client.pid);
});

test('each SYN-ACK that is sent again is a NEEDS_ECN of the request socket, which becomes the connection', async (t) => {
  const scene = await KernelScene.use(t);
  if (scene === undefined) return;
  const { a, b } = scene;
  const ops = [Op.NEEDS_ECN, Op.PASSIVE_ESTABLISHED_CB];
  const live = await LiveRun.start(t, scene.cgroup, { ops });
  const listener = await scene.echo();
  const capture = await PacketCapture.start(t, b);
  const lost = `tcp sport ${listener.port} tcp flags & (syn|ack) == (syn|ack)`;

  a.drop(lost);
  const connecting = scene.join(listener);
  await until('the SYN-ACK to be sent again', () => synAcks().length >= 3);
  a.clearRules();
  const joined = await connecting;
  await live.find('the connection', (event) => event.op === 'PASSIVE_ESTABLISHED_CB');
  // What tcpdump wrote down by then is all of the handshake.
  const isAck = ({ flags }: CapturedSegment): boolean => flags === ACK;
  await capture.find('the acknowledgement', isAck);
  const wire = capture.segments();
  const { server } = endsOf(live.events, joined);
  const requests = ofOp(server, 'NEEDS_ECN');
  assert.equal(requests.length, synAcks().length);
  assert.ok(requests.every(({ isFullsock, state }) => !isFullsock && state === 'NEW_SYN_RECV'));
  const passive = only(ofOp(eventsOf(live.events, joined.far), 'PASSIVE_ESTABLISHED_CB'));
  assert.deepEqual(new Set(requests.map(({ cookie }) => cookie)), new Set([passive.cookie]));
  // From the SYN to the acknowledgement of its SYN-ACK: the handshake's length, seen by the server alone.
  const syn = wire.find(({ flags }) => flags === SYN);
  const ack = wire.find(isAck);
  assert.ok(syn !== undefined && ack !== undefined && requests[0] !== undefined);
  const handshakeUs = Number(passive.tsNs - requests[0].tsNs) / 1000;
  assert.ok(Math.abs(handshakeUs - (ack.timeUs - syn.timeUs)) < 20_000, `${handshakeUs} us`);

  a.drop(lost);
  const failure = await scene.client.failToConnect({
    host: b.ip4,
    port: listener.port,
    giveUpMs: 1500,
  });
  const halfOpen = { localPort: listener.port, remotePort: failure.localPort ?? 0 };
  await delay(100);
  await live.stop();
  const never = eventsOf(live.events, halfOpen);
  assert.ok(never.length >= 2);
  assert.deepEqual(new Set(storyOf(never)), new Set(['NEEDS_ECN NEW_SYN_RECV']));

  function synAcks() {
    return capture.segments().filter(({ flags }) => flags === SYN_ACK);
  }
});
