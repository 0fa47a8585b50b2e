import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  filterAddress,
  filterFlags,
  filterKind,
  filterOp,
  filterPort,
  filterState,
  Kind,
  Op,
  sampleConnections,
  TcpState,
} from '@sockflow/core';
import { NetNamespaces, requireKernel, TestCgroup, TrafficProcess } from '@sockflow/test-support';

import { bpf } from '../bpf.ts';
import { Reading, type Steps } from '../live-kit.test.support.ts';

const PORT = 7441;

/* Each as a pipeline has it; what it keeps must not depend on who drops the rest. */
const STEPS: Readonly<Record<string, (hosts: readonly string[]) => Steps>> = {
  ops: () => (batches) => batches.pipe(filterOp(Op.STATE_CB, Op.NEEDS_ECN)),
  kinds: () => (batches) => batches.pipe(filterKind(Kind.RTT_SUMMARY)),
  'local port': () => (batches) => batches.pipe(filterPort([PORT], { end: 'local' })),
  'remote port': () => (batches) => batches.pipe(filterPort([PORT, 1], { end: 'remote' })),
  'either port and an op': () => (batches) =>
    batches.pipe(filterPort([PORT]), filterOp(Op.STATE_CB)),
  'an IPv4 network':
    ([host4 = '']) =>
    (batches) =>
      batches.pipe(filterAddress([`${host4}/32`], { end: 'local' })),
  'an IPv6 network':
    ([, host6 = '']) =>
    (batches) =>
      batches.pipe(filterAddress([`${host6}/64`], { end: 'remote' })),
  'networks that contain each other':
    ([host4 = '']) =>
    (batches) =>
      batches.pipe(filterAddress(['0.0.0.0/0', `${host4}/32`, 'fd03::/120'])),
  'a sample': () => (batches) => batches.pipe(sampleConnections(0.5)),
  'flags and state': () => (batches) =>
    batches.pipe(filterFlags({ cb: { any: 4 } }), filterState(TcpState.ESTABLISHED)),
};

test('the same events, whether filters are pushed down or not', async (t) => {
  if (!requireKernel(t)) return;
  const cgroup = TestCgroup.use(t);
  const { a, b } = NetNamespaces.use(t);
  const server = await TrafficProcess.start(t, { namespace: b, cgroup });
  const client = await TrafficProcess.start(t, { namespace: a, cgroup });
  const hosts = [b.ip4, b.ip6];
  const source = () =>
    bpf({ cgroup: cgroup.path, existing: 'off', rttIntervalMs: 0, ringBytes: 1 << 20 });
  const readings: [string, Reading, Reading][] = [];
  for (const [name, make] of Object.entries(STEPS)) {
    const steps = make(hosts);
    const pushed = await Reading.start(source(), cgroup, steps, true);
    readings.push([name, pushed, await Reading.start(source(), cgroup, steps, false)]);
  }
  // A dual-stack listener: one end is IPv4, the other v4-mapped.
  for (const [host, near] of [
    ['::', b.ip4],
    [b.ip6, b.ip6],
    [b.ip4, b.ip4],
  ] as const) {
    const listener = await server.listen({ host, port: PORT, echo: true });
    for (let count = 0; count < 8; count++) {
      const connection = await client.connect({ host: near, port: PORT });
      const far = await listener.accept();
      await connection.exchange(2, 50);
      await connection.end();
      await connection.closed();
      await far.closed();
    }
    await listener.close();
  }
  for (const [name, pushed, whole] of readings) {
    await pushed.stop();
    await whole.stop();
    assert.deepEqual(told(pushed), told(whole), name);
    assert.ok(whole.events.length > 0, `${name}: something is kept`);
    const filtered = (pushed.ledger?.counts ?? []).reduce((sum, count) => sum + count.filtered, 0);
    assert.ok(filtered > 0, `${name}: the program dropped something`);
    const unfiltered = (whole.ledger?.counts ?? []).reduce((sum, own) => sum + own.filtered, 0);
    assert.equal(unfiltered, 0);
  }
});

/** Each connection's events in their order; not their times, since each source has a program of its own. */
function told({ events }: Reading): Record<string, string[]> {
  const connections: Record<string, string[]> = {};
  for (const { kind, op, cookie, state, newState, localPort, remotePort, rttCount } of events) {
    const list = (connections[String(cookie)] ??= []);
    list.push([kind, op, state, newState, localPort, remotePort, rttCount].join(' '));
  }
  return connections;
}
