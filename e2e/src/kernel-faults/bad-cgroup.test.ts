import assert from 'node:assert/strict';
import { existsSync, mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { Op } from '@sockflow/core';
import { findCgroup2, requireKernel, TestCgroup, until } from '@sockflow/test-support';

import { assertGone, attachedTo, objectsOf } from './kernel-objects.ts';
import { type LiveEnd, LiveRun } from './live-run.ts';
import { afterMounting } from './places.ts';
import { Traffic } from './traffic.ts';

const NEEDS = { tools: ['bpftool', 'gcc', 'unshare'] } as const;
/** A mount point of a version 1 hierarchy on a hybrid machine. */
const VERSION_1 = '/sys/fs/cgroup/cpu';
const CODE = 'ERR_SOCKFLOW_KERNEL_CGROUP';

function assertError(end: LiveEnd, message: RegExp, remedy: RegExp): void {
  const { error } = end.summary ?? {};
  assert.equal(error?.code, CODE, `${end.stdout}${end.stderr}`);
  assert.match(error?.message ?? '', message);
  assert.match(error?.remedy ?? '', remedy);
  assert.equal(end.status, 2);
}

async function runOn(
  t: TestContext,
  cgroup: string | undefined,
  within: readonly string[] = [],
): Promise<LiveEnd> {
  const bpf = cgroup === undefined ? {} : { cgroup };
  return LiveRun.launch(t, { bpf }, { within }).end();
}

test('a cgroup that is not there is named', async (t) => {
  if (!requireKernel(t, NEEDS)) return;
  const path = join(findCgroup2() ?? '', 'sockflow-test-none');
  assertError(await runOn(t, path), /sockflow-test-none/, /./);
});

test('a file in place of a cgroup is named', async (t) => {
  if (!requireKernel(t, NEEDS)) return;
  const path = join(findCgroup2() ?? '', 'cgroup.procs');
  assertError(await runOn(t, path), /cgroup\.procs/, /director|folder/i);
});

test('a folder that is no cgroup is named', async (t) => {
  if (!requireKernel(t, NEEDS)) return;
  assertError(await runOn(t, '/tmp'), /\/tmp.*cgroup2/, /cgroup/);
});

test('a cgroup of version 1 is named as one', async (t) => {
  if (!requireKernel(t, NEEDS)) return;
  if (!existsSync(VERSION_1)) return t.skip('no hierarchy of version 1 is mounted');
  assertError(await runOn(t, VERSION_1), /cgroup v1 .*cgroup2/, /below/);
});

test('where only version 1 is mounted, that is said', async (t) => {
  if (!requireKernel(t, NEEDS)) return;
  const within = afterMounting(`umount '${findCgroup2()}'`);
  assertError(await runOn(t, undefined, within), /cgroup2/, /mount/);
});

test('where no cgroups are mounted at all, that is said', async (t) => {
  if (!requireKernel(t, NEEDS)) return;
  const within = afterMounting('umount --recursive /sys/fs/cgroup');
  assertError(await runOn(t, undefined, within), /cgroup2/, /mount/);
});

test('a cgroup2 that is mounted elsewhere is found', async (t) => {
  if (!requireKernel(t, NEEDS)) return;
  const within = afterMounting(
    `umount '${findCgroup2()}'`,
    'mount -t tmpfs none /mnt',
    'mkdir /mnt/cgroup',
    'mount -t cgroup2 none /mnt/cgroup',
  );
  // It is the root of all cgroups: no flag is requested, so that nobody else notices.
  const bpf = { ops: [Op.TCP_CONNECT_CB], rtt: 'off', existing: 'off' };
  const live = LiveRun.launch(t, { bpf }, { within });
  const objects = await until('it to be attached', () => {
    if (live.child.exitCode !== null) throw new Error(live.stderr);
    const held = objectsOf(live.pid);
    return held.links.size > 0 && held;
  });
  const end = await live.stop();
  assert.equal(end.status, 130, end.stderr);
  await assertGone(objects);
});

test('a cgroup that is removed while it is attached to is told: the run ends by itself or warns', async (t) => {
  if (!requireKernel(t, NEEDS)) return;
  const parent = TestCgroup.use(t);
  const cgroup = parent.child('vanishes');
  const live = await LiveRun.start(t, { bpf: { cgroup: cgroup.path } });
  const objects = objectsOf(live.pid);
  const traffic = await Traffic.start(t, cgroup.path);
  await traffic.churn(10);
  await traffic.end();
  await until('the cgroup to be removed', () => tryRemove(cgroup.path));
  await sleep(2000);
  const end = await live.stop();
  const { warnings = [], error } = end.summary ?? {};
  const told = [...warnings, error?.message ?? ''].filter((text) => text.includes('vanishes'));
  assert.ok(told.length > 0, `${end.stdout}${end.stderr}`);
  assert.ok((end.summary?.ledger.total.read ?? 0) > 10, 'what was seen before is there');
  await assertGone(objects);
});

test('a cgroup that comes and goes while it is attached to: attached or refused by name, never anything else', async (t) => {
  if (!requireKernel(t, NEEDS)) return;
  const parent = TestCgroup.use(t);
  const path = join(parent.path, 'flickers');
  for (let round = 0; round < 3; round++) {
    mkdirSync(path);
    const live = LiveRun.launch(t, { bpf: { cgroup: path } });
    // Loading is what takes its time between looking at the path and attaching.
    await until('it to load or to end', () => {
      if (live.child.exitCode !== null) return true;
      return objectsOf(live.pid).programs.size > 0;
    }).catch(() => {});
    tryRemove(path);
    await sleep(300);
    const end = await (live.child.exitCode === null ? live.stop() : live.end());
    if (end.status === 2) assertError(end, /flickers/, /./);
    else assert.equal(end.status, 130, end.stderr);
    if (existsSync(path)) assert.deepEqual(attachedTo(path), []);
    tryRemove(path);
  }
});

function tryRemove(path: string): boolean {
  try {
    rmdirSync(path);
    return true;
  } catch {
    return !existsSync(path);
  }
}
