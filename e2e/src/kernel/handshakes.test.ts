import assert from 'node:assert/strict';
import { test } from 'node:test';

import { PacketCapture } from '@sockflow/test-support';
import { Op } from 'sockflow';

import { endsOf, isClosed, ofOp, only, storyOf } from './events-of.ts';
import { KernelScene } from './kernel-scene.ts';
import { LiveRun } from './live-run.ts';

const SYN = 2;
const ECE = 64;
const CWR = 128;
const OPS = [
  Op.TIMEOUT_INIT,
  Op.RWND_INIT,
  Op.TCP_CONNECT_CB,
  Op.ACTIVE_ESTABLISHED_CB,
  Op.PASSIVE_ESTABLISHED_CB,
  Op.NEEDS_ECN,
  Op.STATE_CB,
];

test('a connection that agrees on ECN has the flags on the wire, in its headers and on its sockets', async (t) => {
  const scene = await KernelScene.use(t);
  if (scene === undefined) return;
  for (const end of [scene.a, scene.b]) {
    end.run('sh', '-c', 'echo 1 > /proc/sys/net/ipv4/tcp_ecn');
  }
  const capture = await PacketCapture.start(t, scene.a);
  const live = await LiveRun.start(t, scene.cgroup, { ops: OPS, rtt: 'off' });
  const joined = await scene.join(await scene.echo());
  await joined.near.exchange(2, 100);
  const [socket] = scene.a.sockets(`sport = :${joined.near.localPort}`);
  await scene.close(joined);
  await live.find('the end of the client', isClosed(joined.near));
  await live.find('the end of the server', isClosed(joined.far));
  await live.stop();
  const { client, server } = endsOf(live.events, joined);
  const segments = await capture.stop();
  assert.equal(only(segments.filter(({ flags }) => (flags & 0x3f) === SYN)).flags, SYN | ECE | CWR);
  assert.ok(socket !== undefined && socket.words.has('ecn'), socket?.text);
  const active = only(ofOp(client, 'ACTIVE_ESTABLISHED_CB'));
  assert.deepEqual([active.tcpFlags, active.ecnFlags], ['SYN|ACK|ECE', 'OK']);
  assert.equal(only(ofOp(server, 'PASSIVE_ESTABLISHED_CB')).ecnFlags, 'OK');
  const closing = only(client.filter(({ newState }) => newState === 'FIN_WAIT1'));
  const isSeen = socket.words.has('ecnseen');
  assert.equal(closing.ecnFlags, isSeen ? 'OK|SEEN' : 'OK');
});

test('where SYN cookies are used, a connection comes without a request socket', async (t) => {
  const scene = await KernelScene.use(t);
  if (scene === undefined) return;
  scene.b.run('sh', '-c', 'echo 2 > /proc/sys/net/ipv4/tcp_syncookies');
  const live = await LiveRun.start(t, scene.cgroup, { ops: OPS, rtt: 'off' });
  const joined = await scene.join(await scene.echo());
  await joined.near.exchange(2, 100);
  await scene.close(joined);
  await live.find('the end of the client', isClosed(joined.near));
  await live.find('the end of the server', isClosed(joined.far));
  await live.stop();
  const { client, server } = endsOf(live.events, joined);
  assert.deepEqual(storyOf(server), [
    'PASSIVE_ESTABLISHED_CB',
    'SYN_RECV > ESTABLISHED',
    'ESTABLISHED > CLOSE_WAIT',
    'CLOSE_WAIT > LAST_ACK',
    'LAST_ACK > CLOSE',
  ]);
  assert.equal(only(ofOp(server, 'PASSIVE_ESTABLISHED_CB')).ownerPid, scene.server.pid);
  assert.equal(ofOp(client, 'ACTIVE_ESTABLISHED_CB').length, 1);
});
