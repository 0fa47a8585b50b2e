import assert from 'node:assert/strict';
import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';

import { requireKernel, TestCgroup, useTempDir } from '@sockflow/test-support';

import { WORKSPACE } from '../workspace.ts';
import { ApiHost } from './api-host.ts';
import { assertGone, attachedTo, objectsOf } from './kernel-objects.ts';
import { type LiveEnd, LiveRun } from './live-run.ts';
import { refuseObject } from './patch-object.ts';
import { afterMounting } from './places.ts';
import { Traffic } from './traffic.ts';

/* What a machine may lack or have wrong, made by a mount namespace of the run's own: the addon, the object, BTF. */

const NEEDS = { tools: ['bpftool', 'gcc', 'unshare'] } as const;
const PLATFORM = join(WORKSPACE, 'packages/source-bpf-linux-x64');
const ADDON = 'sockflow_bpf.node';
const OBJECT = 'sockflow.bpf.o';
const BTF = '/sys/kernel/btf/vmlinux';

/** Runs with the platform's package replaced by a folder, which is a copy of it until `change` has been at it. */
async function runWithPlatform(
  t: TestContext,
  change: (dir: string) => void,
): Promise<{ readonly end: LiveEnd; readonly within: readonly string[] }> {
  const cgroup = TestCgroup.use(t);
  const dir = useTempDir(t);
  const platform = join(dir, 'platform');
  cpSync(PLATFORM, platform, { recursive: true, dereference: true });
  change(platform);
  const within = afterMounting(`mount --bind '${platform}' '${PLATFORM}'`);
  const end = await LiveRun.launch(t, { bpf: { cgroup: cgroup.path } }, { dir, within }).end();
  assert.deepEqual(attachedTo(cgroup.path), []);
  return { end, within };
}

function assertError(end: LiveEnd, code: string, message: RegExp, remedy: RegExp): void {
  const { error } = end.summary ?? {};
  assert.equal(error?.code, code, `${end.stdout}${end.stderr}`);
  assert.match(error?.message ?? '', message);
  assert.match(error?.remedy ?? '', remedy);
  assert.equal(end.status, 1);
}

test('without the addon that is said, with what to install', async (t) => {
  if (!requireKernel(t, NEEDS)) return;
  const { end } = await runWithPlatform(t, (platform) => {
    rmSync(platform, { recursive: true });
    mkdirSync(platform);
  });
  assertError(
    end,
    'ERR_SOCKFLOW_KERNEL_ADDON',
    /@sockflow\/source-bpf-linux-x64/,
    /install|build/i,
  );
});

test('an addon of another version is refused, and both versions are named', async (t) => {
  if (!requireKernel(t, NEEDS)) return;
  const own = /"version": "([^"]+)"/.exec(
    readFileSync(join(PLATFORM, 'package.json'), 'utf8'),
  )?.[1];
  assert.ok(own !== undefined);
  const other = own.replace(/\d+$/, (last) => String((Number(last) + 1) % 10));
  const { end } = await runWithPlatform(t, (platform) => {
    const addon = readFileSync(join(platform, ADDON));
    const found = replaceAll(addon, `\0${own}\0`, `\0${other}\0`);
    assert.ok(found > 0, 'the addon knows its version');
    writeFileSync(join(platform, ADDON), addon);
    const manifest = readFileSync(join(platform, 'package.json'), 'utf8');
    writeFileSync(join(platform, 'package.json'), manifest.replaceAll(own, other));
  });
  const said = new RegExp(
    `${own.replaceAll('.', '\\.')}.*${other.replaceAll('.', '\\.')}|${other.replaceAll('.', '\\.')}.*${own.replaceAll('.', '\\.')}`,
  );
  assertError(end, 'ERR_SOCKFLOW_KERNEL_ADDON', said, /install|build|version/i);
});

test('an addon that cannot be loaded is named, with why', async (t) => {
  if (!requireKernel(t, NEEDS)) return;
  const { end } = await runWithPlatform(t, (platform) => {
    writeFileSync(join(platform, ADDON), 'no ELF');
  });
  assertError(end, 'ERR_SOCKFLOW_KERNEL_ADDON', /sockflow_bpf\.node/, /install|build/i);
});

test('a missing object of programs is named', async (t) => {
  if (!requireKernel(t, NEEDS)) return;
  const { end } = await runWithPlatform(t, (platform) => rmSync(join(platform, OBJECT)));
  assertError(end, 'ERR_SOCKFLOW_KERNEL_ADDON', /sockflow\.bpf\.o/, /install|build/i);
});

test('an object of programs that is none is named', async (t) => {
  if (!requireKernel(t, NEEDS)) return;
  const { end } = await runWithPlatform(t, (platform) => {
    writeFileSync(join(platform, OBJECT), 'no ELF');
  });
  assertError(end, 'ERR_SOCKFLOW_KERNEL_ADDON', /sockflow\.bpf\.o/, /install|build/i);
});

test('what the verifier refuses is told in its own words, and its log is in the details', async (t) => {
  if (!requireKernel(t, NEEDS)) return;
  const { end, within } = await runWithPlatform(t, (platform) => {
    refuseObject(join(PLATFORM, OBJECT), join(platform, OBJECT), 'sockops');
  });
  assertError(end, 'ERR_SOCKFLOW_KERNEL_REFUSED', /R9 !read_ok/, /verifierLog/);

  const cgroup = TestCgroup.use(t);
  const host = await ApiHost.start(t, within);
  await host.run('refused', { bpf: { cgroup: cgroup.path } });
  const { error } = await host.end('refused');
  assert.equal(error?.code, 'ERR_SOCKFLOW_KERNEL_REFUSED');
  assert.match(String(error?.details?.['verifierLog']), /R9 !read_ok[^]*processed \d+ insns/);
  const { programs, maps, links } = objectsOf(host.pid);
  assert.deepEqual([programs.size, maps.size, links.size], [0, 0, 0]);
});

test('without BTF that is said, and BTF from a file does as well', async (t) => {
  if (!requireKernel(t, NEEDS)) return;
  const cgroup = TestCgroup.use(t);
  const dir = useTempDir(t);
  const within = afterMounting('mount -t tmpfs none /sys/kernel/btf');
  const bpf = { cgroup: cgroup.path };
  const end = await LiveRun.launch(t, { bpf }, { within }).end();
  assertError(end, 'ERR_SOCKFLOW_KERNEL_BTF', /\/sys\/kernel\/btf\/vmlinux/, /btfPath/);
  assert.deepEqual(attachedTo(cgroup.path), []);

  const btfPath = join(dir, 'vmlinux.btf');
  copyFileSync(BTF, btfPath);
  const live = await LiveRun.start(t, { bpf: { ...bpf, btfPath } }, { dir, within });
  const objects = objectsOf(live.pid);
  const traffic = await Traffic.start(t, cgroup.path);
  await traffic.churn(10);
  const recorded = await live.stop();
  assert.equal(recorded.status, 130, recorded.stderr);
  assert.ok((recorded.summary?.ledger.total.read ?? 0) > 10);
  await assertGone(objects);
});

test('BTF that is none is refused by its path', async (t) => {
  if (!requireKernel(t, NEEDS)) return;
  const cgroup = TestCgroup.use(t);
  const dir = useTempDir(t);
  const btfPath = join(dir, 'bad.btf');
  writeFileSync(btfPath, 'no BTF');
  const end = await LiveRun.launch(t, { bpf: { cgroup: cgroup.path, btfPath } }, { dir }).end();
  assertError(end, 'ERR_SOCKFLOW_KERNEL_BTF', /bad\.btf/, /btfPath/);
});

/** @returns how often it was there */
function replaceAll(bytes: Buffer, from: string, to: string): number {
  let found = 0;
  for (let at = bytes.indexOf(from); at >= 0; at = bytes.indexOf(from, at + 1)) {
    bytes.write(to, at, 'latin1');
    found++;
  }
  return found;
}
