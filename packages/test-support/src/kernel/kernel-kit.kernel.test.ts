import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';

import { command } from './command.ts';
import { NetNamespaces } from './net-namespaces.ts';
import { PacketCapture } from './packet-capture.ts';
import { isAlive, until } from './processes.ts';
import { requireKernel } from './require-kernel.ts';
import { TestCgroup } from './test-cgroup.ts';
import { TrafficProcess } from './traffic/traffic-process.ts';

const SYN = 2;
/** The kit needs no programs of ours. */
const NEEDS = { addon: false, btf: false } as const;

test('what two ends of a connection say of themselves is what ss and the wire say', async (t) => {
  if (!requireKernel(t, NEEDS)) return;
  const cgroup = TestCgroup.use(t);
  const { a, b } = NetNamespaces.use(t);
  const server = await TrafficProcess.start(t, { namespace: b, cgroup });
  const client = await TrafficProcess.start(t, { namespace: a, cgroup });
  assert.deepEqual(new Set(cgroup.pids()), new Set([server.pid, client.pid]));
  for (const [host, near] of [
    [b.ip4, a.ip4],
    [b.ip6, a.ip6],
  ] as const) {
    const capture = await PacketCapture.start(t, a);
    const listener = await server.listen({ host, echo: true });
    const near1 = await client.connect({ host, port: listener.port });
    const far = await listener.accept();
    assert.deepEqual([near1.localAddress, near1.remoteAddress], [near, host]);
    assert.deepEqual([far.remotePort, far.localPort], [near1.localPort, listener.port]);
    assert.equal(await near1.exchange(5, 1000), 5000);
    const [socket] = a.sockets(`sport = :${near1.localPort}`);
    assert.equal(socket?.state, 'ESTAB');
    assert.equal(socket.numbers['bytes_received'], 5000);
    assert.equal(socket.numbers['bytes_acked'], 5001, 'the SYN counts');
    assert.equal(socket.cgroup, `/${basename(cgroup.path)}`);
    const syn = await capture.find('the SYN', ({ flags }) => flags === SYN);
    assert.deepEqual([syn.sourcePort, syn.targetPort], [near1.localPort, listener.port]);
    await near1.end();
    assert.deepEqual(await near1.closed(), { bytesRead: 5000, bytesWritten: 5000 });
    assert.deepEqual(await far.closed(), { bytesRead: 5000, bytesWritten: 5000 });
    const sent = (await capture.stop()).filter(({ sourcePort }) => sourcePort === near1.localPort);
    assert.equal(
      sent.reduce((sum, { payloadBytes }) => sum + payloadBytes, 0),
      5000,
    );
  }
});

test('refusing, resetting, losing and going silent are what they are called', async (t) => {
  if (!requireKernel(t, NEEDS)) return;
  const { a, b } = NetNamespaces.use(t);
  const server = await TrafficProcess.start(t, { namespace: b });
  const client = await TrafficProcess.start(t, { namespace: a });
  const refused = await client.failToConnect({ host: b.ip4, port: 1 });
  assert.equal(refused.code, 'ECONNREFUSED');
  assert.ok(Number(refused.localPort) > 0);

  const listener = await server.listen({ host: b.ip4, echo: true });
  b.rejectWithReset(`tcp dport ${listener.port}`);
  const rejected = await client.failToConnect({ host: b.ip4, port: listener.port });
  assert.equal(rejected.code, 'ECONNREFUSED');
  b.clearRules();

  const reset = await client.connect({ host: b.ip4, port: listener.port });
  const peer = await listener.accept();
  await peer.reset();
  assert.equal((await reset.closed()).errorCode, 'ECONNRESET');

  a.addSilentNeighbour('10.203.0.9');
  const silent = await client.failToConnect({ host: '10.203.0.9', port: 1, giveUpMs: 100 });
  assert.equal(silent.code, 'ETIMEDOUT');

  b.dropOneIn(`tcp dport ${listener.port} tcp flags & (syn|fin) == 0`, 4);
  const lossy = await client.connect({ host: b.ip4, port: listener.port });
  await lossy.exchange(8, 100);
  const [socket] = a.sockets(`sport = :${lossy.localPort}`);
  assert.ok(Number(socket?.totalRetrans) > 0, socket?.text);
  b.clearRules();

  b.setLink('down');
  await lossy.send(100);
  await until(
    'a timeout',
    () => (a.sockets(`sport = :${lossy.localPort}`)[0]?.numbers['backoff'] ?? 0) > 0,
  );
  b.setLink('up');
  assert.equal(await lossy.receive(900), 900);

  const full = await client.connect({ host: b.ip4, port: listener.port });
  await full.setReading(false);
  await full.send(500_000);
  await until(
    'what is not read to queue up',
    () => (a.sockets(`sport = :${full.localPort}`)[0]?.receiveQueueBytes ?? 0) > 0,
  );
  await full.setReading(true);
  assert.equal(await full.receive(500_000), 500_000);
});

test('what a test process left behind when it died, the next one removes', async (t) => {
  if (!requireKernel(t, NEEDS)) return;
  const dead = spawnSync(process.execPath, ['-e', '']).pid;
  const sleeper = spawn('sleep', ['60']);
  t.after(() => sleeper.kill());
  const root = dirname(TestCgroup.use(t).path);
  const left = join(root, `sockflow-test-${dead}-0`);
  mkdirSync(join(left, 'below'), { recursive: true });
  spawnSync('sh', ['-c', `echo ${sleeper.pid} > ${left}/below/cgroup.procs`]);
  command('ip', 'netns', 'add', `sft-${dead}-0a`);
  TestCgroup.use(t);
  NetNamespaces.use(t);
  assert.ok(!existsSync(left));
  assert.ok(!command('ip', 'netns', 'list').includes(`sft-${dead}-`));
  await until('what ran there to end', () => sleeper.signalCode === 'SIGKILL');
});

test('a test process that crashes takes its places with it', (t) => {
  if (!requireKernel(t, NEEDS)) return;
  const script = `
    import { NetNamespaces, TestCgroup, TrafficProcess } from ${JSON.stringify(new URL('../index.js', import.meta.url).href)};
    const test = { after() {} };
    const cgroup = TestCgroup.use(test);
    const { a } = NetNamespaces.use(test);
    const child = await TrafficProcess.start(test, { namespace: a, cgroup });
    console.log(JSON.stringify([process.pid, cgroup.path, child.pid]));
    throw new Error('crashed on purpose');`;
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
  });
  assert.match(run.stderr, /crashed on purpose/);
  const [pid, path, childPid] = JSON.parse(run.stdout) as [number, string, number];
  assert.ok(!existsSync(path));
  assert.ok(!command('ip', 'netns', 'list').includes(`sft-${pid}-`));
  assert.ok(!isAlive(childPid));
});
