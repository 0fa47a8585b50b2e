import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Op } from '@sockflow/core';
import {
  NetNamespaces,
  requireKernel,
  TestCgroup,
  TrafficProcess,
  until,
} from '@sockflow/test-support';

import { bpf } from './bpf.ts';
import { openScene, Reading } from './live-kit.test.support.ts';

test('a connection that was there gives a snapshot, then events; when the source has gone its flags are off again', async (t) => {
  if (!requireKernel(t, { features: ['take-in'] })) return;
  const { cgroup, server, client } = await openScene(t);
  const listener = await server.listen({ host: '127.0.0.1', echo: true });
  const open = async () => client.connect({ host: '127.0.0.1', port: listener.port });
  const [seen, later] = [await open(), await open()];
  const reading = await Reading.start(bpf({ cgroup: cgroup.path }), cgroup);
  assert.equal(await seen.exchange(3, 10), 30);
  const snapshots = await until('snapshots', () => {
    const all = reading.events.filter(({ kind }) => kind === 'SNAPSHOT');
    return all.length >= 5 ? all : undefined;
  });
  const ports = new Set(snapshots.map(({ localPort, remotePort }) => `${localPort} ${remotePort}`));
  for (const { localPort } of [seen, later]) {
    assert.ok(ports.has(`${localPort} ${listener.port}`), `the client's ${localPort}`);
    assert.ok(ports.has(`${listener.port} ${localPort}`), `the server's ${localPort}`);
  }
  assert.ok(ports.has(`${listener.port} 0`), 'the listener');
  await seen.end();
  await until('its close', () =>
    reading.events.some(
      ({ op, localPort, newState }) =>
        op === 'STATE_CB' && localPort === seen.localPort && newState === 'CLOSE',
    ),
  );
  await reading.stop();
  assert.equal(reading.ledger?.notes['takenIn'], 5);

  const after = await Reading.start(bpf({ cgroup: cgroup.path, existing: 'off' }), cgroup);
  await later.exchange(3, 10);
  await later.end();
  await later.closed();
  const fresh = await open();
  await fresh.end();
  await until('events of the new one', () =>
    after.events.some(({ localPort }) => localPort === fresh.localPort),
  );
  await after.stop();
  const ofLater = after.events.filter((event) => event.localPort === later.localPort);
  assert.deepEqual(ofLater, [], 'nobody asks for its events any more');
});

test('of connections that were there role and owner are unknown for ever; a listener and whom it accepts later are servers', async (t) => {
  if (!requireKernel(t, { features: ['take-in'] })) return;
  const { cgroup, server, client } = await openScene(t);
  const listener = await server.listen({ host: '127.0.0.1', echo: true });
  const open = async () => client.connect({ host: '127.0.0.1', port: listener.port });
  const old = await open();
  const reading = await Reading.start(bpf({ cgroup: cgroup.path }), cgroup);
  await until('the snapshots', () => reading.events.length >= 3);
  const fresh = await open();
  for (const near of [old, fresh]) {
    await near.exchange(1, 10);
    await near.end();
    await near.closed();
  }
  await until(
    'both ends of both to close',
    () => reading.events.filter(({ newState }) => newState === 'CLOSE').length >= 4,
  );
  await reading.stop();
  const tellsOf = (localPort: number, remotePort: number): string[] => {
    const own = reading.events.filter(
      (event) =>
        event.localPort === localPort && event.remotePort === remotePort && event.isFullsock,
    );
    return [...new Set(own.map(({ role, ownerPid }) => `${role} of ${ownerPid}`))];
  };
  const unknown = ['undefined of undefined'];
  assert.deepEqual(tellsOf(old.localPort, listener.port), unknown);
  assert.deepEqual(tellsOf(listener.port, old.localPort), unknown);
  assert.deepEqual(tellsOf(listener.port, 0), ['SERVER of undefined']);
  assert.deepEqual(tellsOf(fresh.localPort, listener.port), [`CLIENT of ${client.pid}`]);
  assert.deepEqual(tellsOf(listener.port, fresh.localPort), ['SERVER of undefined']);
});

test('where another program is attached flags stay on, with a warning that names it, and it goes on seeing what it asked for', async (t) => {
  if (!requireKernel(t, { features: ['take-in'] })) return;
  const { cgroup, server, client } = await openScene(t);
  const theirs = bpf({ cgroup: cgroup.path, ops: [Op.STATE_CB], rtt: 'off' });
  const other = await Reading.start(theirs, cgroup);
  const listener = await server.listen({ host: '127.0.0.1', echo: true });
  const near = await client.connect({ host: '127.0.0.1', port: listener.port });
  const ours = await Reading.start(bpf({ cgroup: cgroup.path, existing: 'own-netns' }), cgroup);
  await until('the snapshot', () =>
    ours.events.some(({ kind, localPort }) => kind === 'SNAPSHOT' && localPort === near.localPort),
  );
  await ours.stop();
  await near.end();
  const last = await until('its state changes for the other', () =>
    other.events.findLast(
      (event) => event.localPort === near.localPort && event.newState === 'CLOSE',
    ),
  );
  assert.equal(last.cbFlags, 'RTO|RETRANS|STATE|RTT');
  assert.match(ours.warnings.join('\n'), /stay on its sockets.*sockflow_events \(id \d+\)/);
  await other.stop();
});

test('connections in other network namespaces are taken in, and only where that is asked for', async (t) => {
  if (!requireKernel(t, { features: ['take-in'] })) return;
  const cgroup = TestCgroup.use(t);
  const { a, b } = NetNamespaces.use(t);
  const server = await TrafficProcess.start(t, { namespace: b, cgroup });
  const client = await TrafficProcess.start(t, { namespace: a, cgroup });
  const listener = await server.listen({ host: b.ip4, echo: true });
  const near = await client.connect({ host: b.ip4, port: listener.port });
  const own = await Reading.start(bpf({ cgroup: cgroup.path, existing: 'own-netns' }), cgroup);
  const all = await Reading.start(bpf({ cgroup: cgroup.path, existing: 'auto' }), cgroup);
  await until('both ends and the listener', () => all.events.length >= 3);
  await own.stop();
  await all.stop();
  assert.deepEqual(own.events, []);
  const netns = new Map(all.events.map(({ localPort, netnsCookie }) => [localPort, netnsCookie]));
  assert.equal(netns.size, 2);
  assert.notEqual(netns.get(near.localPort), netns.get(listener.port));
  assert.deepEqual(all.warnings, []);
});
