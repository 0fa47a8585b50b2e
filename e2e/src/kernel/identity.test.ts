import assert from 'node:assert/strict';
import { cpus } from 'node:os';
import { test } from 'node:test';

import type { NetNamespace } from '@sockflow/test-support';
import { Op } from 'sockflow';

import { endsOf, isClosed } from './events-of.ts';
import { KernelScene } from './kernel-scene.ts';
import { LiveRun } from './live-run.ts';

/** A clock anchor's own doubt, and the rounding of Date.now(). */
const CLOCK_MS = 2;
const SO_NETNS_COOKIE = 71;

/** What the kernel tells a socket of its namespace. */
function netnsCookieOf(namespace: NetNamespace): bigint {
  const ask = `import socket, struct; print(struct.unpack("Q", socket.socket().getsockopt(socket.SOL_SOCKET, ${SO_NETNS_COOKIE}, 8))[0])`;
  return BigInt(namespace.run('python3', '-c', ask).trim());
}

test('each end is told with its own namespace, cgroup, time and CPU', async (t) => {
  const scene = await KernelScene.use(t, { tools: ['python3'] });
  if (scene === undefined) return;
  // Both below the cgroup that is observed.
  const [left, right] = [scene.cgroup.child('left'), scene.cgroup.child('right')];
  left.add(scene.client.pid);
  right.add(scene.server.pid);
  const ops = [Op.TCP_CONNECT_CB, Op.ACTIVE_ESTABLISHED_CB, Op.PASSIVE_ESTABLISHED_CB, Op.STATE_CB];
  const live = await LiveRun.start(t, scene.cgroup, { ops, rtt: 'off' });
  const listener = await scene.echo();
  const startMs = Date.now();
  const joined = await scene.join(listener);
  await scene.close(joined);
  const endMs = Date.now();
  await live.find('the end of the client', isClosed(joined.near));
  await live.find('the end of the server', isClosed(joined.far));
  await live.stop();
  const { client, server } = endsOf(live.events, joined);
  for (const [events, namespace, cgroup] of [
    [client, scene.a, left],
    [server, scene.b, right],
  ] as const) {
    const netnsCookie = netnsCookieOf(namespace);
    for (const event of events) {
      assert.deepEqual([event.netnsCookie, event.cgroupId], [netnsCookie, cgroup.id], event.op);
      assert.ok(Number(event.cpu) < cpus().length);
      const wallMs = Number((event.wallNs ?? 0n) / 1000n) / 1000;
      const isDuring = wallMs >= startMs - CLOCK_MS && wallMs <= endMs + CLOCK_MS + 100;
      assert.ok(isDuring, `${event.op} at ${wallMs}, between ${startMs} and ${endMs}`);
    }
  }
});

test('sockets of a cgroup beside the observed one are not told', async (t) => {
  const scene = await KernelScene.use(t);
  if (scene === undefined) return;
  const [observed, beside] = [scene.cgroup.child('observed'), scene.cgroup.child('beside')];
  observed.add(scene.server.pid);
  beside.add(scene.client.pid);
  const live = await LiveRun.start(t, observed, { ops: 'all' });
  const joined = await scene.join(await scene.echo());
  await joined.near.exchange(3, 100);
  await scene.close(joined);
  await live.find('the end of the server', isClosed(joined.far));
  await live.stop();
  const { client, server } = endsOf(live.events, joined);
  assert.ok(server.length > 20);
  assert.deepEqual(client, []);
});
