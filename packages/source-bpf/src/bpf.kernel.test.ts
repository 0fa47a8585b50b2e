import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { basename } from 'node:path';
import { test } from 'node:test';

import { isSockflowError, Op } from '@sockflow/core';
import { checkLiveSource } from '@sockflow/core/conformance';
import { requireKernel, TestCgroup, until } from '@sockflow/test-support';

import { bpf } from './bpf.ts';
import { attachedPrograms, openScene, Reading, talk } from './live-kit.test.support.ts';

const SOURCE_MODULE = new URL('./bpf.js', import.meta.url).href;
const CORE_MODULE = import.meta.resolve('@sockflow/core');

for (const memory of ['mapped', 'copied'] as const) {
  test(`keeps the contract of a live source, its rings ${memory}`, async (t) => {
    if (!requireKernel(t)) return;
    const scene = await openScene(t);
    const source = bpf({ cgroup: scene.cgroup.path, memory });
    const produce = (): Promise<void> => talk(scene);
    assert.deepEqual(await checkLiveSource(source, { produce, lanes: [1, 3] }), []);
    assert.deepEqual(attachedPrograms(scene.cgroup), [], 'nothing stays attached');
  });

  test(`no event is older than the end time of a batch before it, rings ${memory}`, async (t) => {
    if (!requireKernel(t)) return;
    const scene = await openScene(t);
    const source = bpf({ cgroup: scene.cgroup.path, memory, ops: 'all' });
    const reading = await Reading.start(source, scene.cgroup);
    await Promise.all([talk(scene, 400), talk(scene, 400), talk(scene, 400)]);
    await until('time to move on while nothing happens', () => {
      const [last, before] = reading.batches.slice(-2).toReversed();
      return (
        last?.oldestUs === Infinity &&
        before?.oldestUs === Infinity &&
        last.endTimeUs > before.endTimeUs
      );
    });
    await reading.stop();
    assert.ok(reading.events.length > 1000, `${reading.events.length} events`);
    let endTimeUs = 0;
    for (const batch of reading.batches) {
      assert.ok(batch.oldestUs >= endTimeUs, `${batch.oldestUs} comes after ${endTimeUs}`);
      assert.ok(batch.endTimeUs >= endTimeUs);
      endTimeUs = batch.endTimeUs;
    }
    const newestUs = Math.max(...reading.events.map(({ tsNs }) => Number(tsNs) / 1000));
    assert.ok(endTimeUs >= newestUs, 'the end is after the last event');
  });
}

test('two sources on one cgroup see the same connection, and each goes without the other', async (t) => {
  if (!requireKernel(t)) return;
  const scene = await openScene(t);
  const options = { cgroup: scene.cgroup.path, ops: [Op.STATE_CB], rtt: 'off' } as const;
  const first = await Reading.start(bpf(options), scene.cgroup);
  const second = await Reading.start(bpf(options), scene.cgroup);
  await talk(scene);
  const seen = (reading: Reading): string[] =>
    reading.events.map(({ cookie, oldState, newState }) => `${cookie} ${oldState} ${newState}`);
  await first.stop();
  await talk(scene);
  await second.stop();
  assert.ok(first.events.length > 0);
  assert.ok(second.events.length > first.events.length);
  assert.deepEqual(seen(second).slice(0, first.events.length), seen(first));
});

test('folded samples are told at the close of a connection, whatever ops are asked for', async (t) => {
  if (!requireKernel(t)) return;
  const scene = await openScene(t);
  for (const ops of [[Op.RETRANS_CB], [Op.STATE_CB]]) {
    const source = bpf({ cgroup: scene.cgroup.path, ops, existing: 'off' });
    const reading = await Reading.start(source, scene.cgroup);
    await talk(scene);
    const events = await reading.stop();
    const summaries = events.filter(({ kind }) => kind === 'RTT_SUMMARY');
    const told = summaries.reduce((sum, { rttCount = 0 }) => sum + rttCount, 0);
    assert.equal(summaries.length, 2, 'one for each end');
    assert.equal(told, reading.ledger?.notes['samplesFolded']);
    assert.ok(told > 2);
  }
});

test('samples that cannot be told at the end for want of CAP_PERFMON are counted in a warning', async (t) => {
  if (!requireKernel(t, { tools: ['setpriv'] })) return;
  const cgroup = TestCgroup.use(t);
  const options = { cgroup: cgroup.path, existing: 'off', rttIntervalMs: 60_000 };
  const script = `
    import { once } from 'node:events';
    import { readFileSync } from 'node:fs';
    import { connect, createServer } from 'node:net';
    import { setTimeout as sleep } from 'node:timers/promises';
    import { bpf } from ${JSON.stringify(SOURCE_MODULE)};
    const name = ${JSON.stringify(basename(cgroup.path))};
    while (!readFileSync('/proc/self/cgroup', 'utf8').includes(name)) await sleep(5);
    const opened = await bpf(${JSON.stringify(options)}).open({ lanes: 1, plans: [] });
    await opened.start();
    const server = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = connect(server.address().port, '127.0.0.1');
    client.write('x');
    await once(client, 'data');
    await opened.stop();
    const { samplesFolded, samplesTold } = opened.ledger().notes;
    console.log(JSON.stringify({ warnings: opened.warnings, samplesFolded, samplesTold }));
    await opened.close();
    process.exit();`;
  const least = '+bpf,+net_admin';
  const rights = [
    '--reuid',
    '65534',
    '--clear-groups',
    '--inh-caps',
    least,
    '--ambient-caps',
    least,
  ];
  const child = spawn('setpriv', [
    ...rights,
    process.execPath,
    '--input-type=module',
    '-e',
    script,
  ]);
  t.after(() => child.kill('SIGKILL'));
  cgroup.add(child.pid ?? 0);
  let text = '';
  child.stdout.on('data', (data) => (text += String(data)));
  child.stderr.pipe(process.stderr);
  await once(child, 'close');
  const { warnings, samplesFolded, samplesTold } = JSON.parse(text) as {
    readonly warnings: readonly string[];
    readonly samplesFolded: number;
    readonly samplesTold: number;
  };
  assert.equal(samplesTold, 0);
  assert.ok(samplesFolded >= 2);
  assert.match(warnings.join('\n'), new RegExp(`${samplesFolded} RTT samples.*CAP_PERFMON`));
});

test('a subscriber that leaves takes the program with it', async (t) => {
  if (!requireKernel(t)) return;
  const scene = await openScene(t);
  const { fromSource } = await import('@sockflow/core');
  const subscription = fromSource(bpf({ cgroup: scene.cgroup.path })).subscribe();
  await until('the program', () => attachedPrograms(scene.cgroup).length === 1);
  subscription.unsubscribe();
  await until('it to be gone', () => attachedPrograms(scene.cgroup).length === 0);
});

test('a process that is killed leaves nothing attached', async (t) => {
  if (!requireKernel(t)) return;
  const cgroup = TestCgroup.use(t);
  const script = `
    import { bpf } from ${JSON.stringify(SOURCE_MODULE)};
    import { fromSource } from ${JSON.stringify(CORE_MODULE)};
    fromSource(bpf({ cgroup: ${JSON.stringify(cgroup.path)} })).subscribe();`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: 'inherit',
  });
  t.after(() => child.kill('SIGKILL'));
  await until('the program', () => attachedPrograms(cgroup).length === 1);
  child.kill('SIGKILL');
  await once(child, 'exit');
  await until('it to be gone', () => attachedPrograms(cgroup).length === 0);
});

test('a cgroup that is removed ends the source, with a warning that names it', async (t) => {
  if (!requireKernel(t)) return;
  const cgroup = TestCgroup.use(t);
  const reading = await Reading.start(bpf({ cgroup: cgroup.path }), cgroup);
  cgroup.remove();
  await reading.ended;
  assert.match(reading.warnings.join('\n'), /has gone: the source ended/);
  assert.ok(reading.warnings.join('\n').includes(cgroup.path));
  assert.equal(reading.ledger?.isSettled, true);
});

test('what is no cgroup2 directory is refused before anything is loaded', async (t) => {
  if (!requireKernel(t)) return;
  for (const cgroup of ['/no/such/cgroup', '/proc', '/sys/fs/cgroup/cpu']) {
    await assert.rejects(
      bpf({ cgroup }).open({ lanes: 1, plans: [] }),
      (error) => isSockflowError(error) && error.code === 'ERR_SOCKFLOW_KERNEL_CGROUP',
      cgroup,
    );
  }
});

test('BTF that is not there is said to be missing', async (t) => {
  if (!requireKernel(t)) return;
  await assert.rejects(
    bpf({ btfPath: '/no/such/btf' }).open({ lanes: 1, plans: [] }),
    (error) => isSockflowError(error) && error.code === 'ERR_SOCKFLOW_KERNEL_BTF',
  );
});

test('a lane that was given other filters than those that were pushed down refuses to read', async (t) => {
  if (!requireKernel(t)) return;
  const cgroup = TestCgroup.use(t);
  const source = bpf({ cgroup: cgroup.path });
  const opened = await source.open({ lanes: 1, plans: [[{ type: 'op', ops: [Op.STATE_CB] }]] });
  t.after(() => opened.close());
  await assert.rejects(
    source.openLane({
      lane: 0,
      lanes: 1,
      laneData: structuredClone(opened.laneData(0)),
      plans: [[{ type: 'op', ops: [Op.RTO_CB] }]],
      counters: { add: () => {} },
    }),
    (error) => isSockflowError(error) && error.code === 'ERR_SOCKFLOW_PIPELINE_MODULE',
  );
});
