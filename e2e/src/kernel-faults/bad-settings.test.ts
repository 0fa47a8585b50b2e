import assert from 'node:assert/strict';
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';

import { requireKernel, TestCgroup, until } from '@sockflow/test-support';

import { ApiHost } from './api-host.ts';
import { assertGone, attachedTo, objectsOf, untilAttached } from './kernel-objects.ts';
import { type LivePipeline, LiveRun } from './live-run.ts';
import { Traffic } from './traffic.ts';

const NEEDS = { tools: ['bpftool', 'gcc', 'prlimit'] } as const;
const MEMORY_CONTROLLER = '/sys/fs/cgroup/memory';
const MEMORY_LIMIT_BYTES = 512 << 20;
const FD_LIMIT = 300;

for (const ringBytes of [0, -4096, 2048, 5000, 12288, 4096.5, 2 ** 31, 2 ** 40]) {
  test(`a ring of ${ringBytes} bytes is refused before the kernel is asked`, async (t) => {
    if (!requireKernel(t, NEEDS)) return;
    const cgroup = TestCgroup.use(t);
    const end = await LiveRun.launch(t, { bpf: { cgroup: cgroup.path, ringBytes } }).end();
    const told = `${end.stdout}${end.stderr}`;
    assert.match(told, /ERR_SOCKFLOW_INVALID_OPTION/);
    assert.match(told, /ringBytes.*power of two.*4096/s);
    assert.equal(end.status, 2, told);
    assert.deepEqual(attachedTo(cgroup.path), []);
  });
}

test('a ring that there is no memory for is refused by its size, and nothing of it stays', async (t) => {
  if (!requireKernel(t, NEEDS)) return;
  if (!existsSync(join(MEMORY_CONTROLLER, 'memory.limit_in_bytes'))) {
    return t.skip('needs the memory controller of cgroup version 1 in /sys/fs/cgroup/memory');
  }
  const cgroup = TestCgroup.use(t);
  const within = limitMemory(t, MEMORY_LIMIT_BYTES);
  const bpf = { cgroup: cgroup.path, ringBytes: 2 ** 30 };
  const end = await LiveRun.launch(t, { bpf }, { within }).end();
  const { error } = end.summary ?? {};
  assert.equal(error?.code, 'ERR_SOCKFLOW_KERNEL_RESOURCES', `${end.stdout}${end.stderr}`);
  assert.match(error?.message ?? '', /1073741824|1 GiB|1024 MiB/);
  assert.match(error?.remedy ?? '', /ringBytes/);
  assert.equal(end.status, 1);
  assert.deepEqual(attachedTo(cgroup.path), []);
});

test('a limit on locked memory does not matter: BPF memory is charged to the cgroup from 5.11 on', async (t) => {
  if (!requireKernel(t, NEEDS)) return;
  const cgroup = TestCgroup.use(t);
  const within = ['prlimit', '--memlock=65536:65536'];
  const live = await LiveRun.start(t, { bpf: { cgroup: cgroup.path } }, { within });
  const objects = objectsOf(live.pid);
  const traffic = await Traffic.start(t, cgroup.path);
  await traffic.churn(10);
  const end = await live.stop();
  assert.equal(end.status, 130, end.stderr);
  assert.ok((end.summary?.ledger.total.read ?? 0) > 10);
  await assertGone(objects);
});

test('too few descriptors end a run with an error of ours that says so, wherever they run out, and the process goes on', async (t) => {
  if (!requireKernel(t, NEEDS)) return;
  const cgroup = TestCgroup.use(t);
  const host = await ApiHost.start(t, ['prlimit', `--nofile=${FD_LIMIT}:${FD_LIMIT}`]);
  const pipeline = { bpf: { cgroup: cgroup.path } };
  // Loading modules takes descriptors too: those of the main thread are loaded by this run.
  await runShortly(host, pipeline, cgroup.path);
  const codes = new Set<string>();
  // From about 25 on it depends on how Node loads modules in the lane whether they are enough.
  for (const free of [1, 4, 7, 10, 13, 16]) {
    await host.leaveFds(free);
    await host.run('run', pipeline);
    const { error } = await host.end('run');
    await host.leaveFds(FD_LIMIT);
    const told = `${free} free: ${JSON.stringify(error)}`;
    assert.match(error?.code ?? '', /^ERR_SOCKFLOW_/, told);
    assert.match(told, /EMFILE/);
    codes.add(error?.code ?? '');
    assert.deepEqual(attachedTo(cgroup.path), [], told);
    const { programs, maps, links } = objectsOf(host.pid);
    assert.deepEqual([programs.size, maps.size, links.size], [0, 0, 0], told);
  }
  assert.ok(codes.has('ERR_SOCKFLOW_KERNEL_RESOURCES'), [...codes].join(' '));
  assert.equal((await host.held()).uncaught, 0);
  await runShortly(host, pipeline, cgroup.path);
});

async function runShortly(
  host: ApiHost,
  pipeline: LivePipeline,
  cgroupPath: string,
): Promise<void> {
  await host.run('run', pipeline);
  await untilAttached(cgroupPath);
  await host.stop('run');
  assert.equal((await host.end('run')).summary?.outcome, 'stopped');
}

/** @returns the command that runs within a limit of memory. */
function limitMemory(t: TestContext, bytes: number): readonly string[] {
  const path = join(MEMORY_CONTROLLER, `sockflow-test-${process.pid}`);
  mkdirSync(path);
  t.after(() => until('the memory cgroup to be empty', () => tryRemove(path)));
  writeFileSync(join(path, 'memory.limit_in_bytes'), String(bytes));
  return ['sh', '-c', `echo $$ > '${path}/cgroup.procs' && exec "$@"`, 'sh'];
}

function tryRemove(path: string): boolean {
  try {
    rmdirSync(path);
    return true;
  } catch {
    return false;
  }
}
