import assert from 'node:assert/strict';
import { test } from 'node:test';

import { requireKernel, TestCgroup, TrafficProcess } from '@sockflow/test-support';
import { Op } from 'sockflow';

import { endsOf, isClosed } from './events-of.ts';
import { LiveRun } from './live-run.ts';

test('both ends of a connection between two processes on loopback have their own owner, whatever runs at the moment', async (t) => {
  if (!requireKernel(t)) return;
  const cgroup = TestCgroup.use(t);
  const [server, client] = await Promise.all([
    TrafficProcess.start(t, { cgroup }),
    TrafficProcess.start(t, { cgroup }),
  ]);
  const ops = [
    Op.TCP_CONNECT_CB,
    Op.ACTIVE_ESTABLISHED_CB,
    Op.PASSIVE_ESTABLISHED_CB,
    Op.NEEDS_ECN,
    Op.STATE_CB,
    Op.RTT_CB,
    Op.TCP_LISTEN_CB,
  ];
  const live = await LiveRun.start(t, cgroup, { ops });
  for (const host of ['127.0.0.1', '::1']) {
    const listener = await server.listen({ host, echo: true });
    const near = await client.connect({ host, port: listener.port });
    const far = await listener.accept();
    await near.exchange(50, 100);
    await near.end();
    await Promise.all([near.closed(), far.closed()]);
    await live.find('the end of the client', isClosed(near));
    await live.find('the end of the server', isClosed(far));
    const ends = endsOf(live.events, { near, far });
    for (const [events, owner, role] of [
      [ends.client, client, 'CLIENT'],
      [ends.server, server, 'SERVER'],
    ] as const) {
      const full = events.filter(({ isFullsock }) => isFullsock);
      assert.ok(full.length > 50, `${full.length} events`);
      for (const event of full) {
        const told = [event.ownerPid, event.ownerComm, event.role];
        assert.deepEqual(told, [owner.pid, owner.comm, role], event.op);
      }
    }
    const requests = ends.server.filter(({ isFullsock }) => !isFullsock);
    assert.ok(requests.length > 0);
    for (const event of requests) assert.equal(event.cookie, ends.server.at(-1)?.cookie);
    await listener.close();
  }
  await live.stop();
});
