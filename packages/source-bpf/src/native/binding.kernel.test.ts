import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import {
  findCgroup2,
  requireKernel,
  TestCgroup,
  TrafficProcess,
  useTempDir,
} from '@sockflow/test-support';

import type { NativeConfig, NativeFailure, NativeFates, NativeSource } from './binding-types.ts';
import { ADDON_NEEDS, testBinding, testConfig } from './native-kit.test.support.ts';

const REFUSED_OBJECT = fileURLToPath(new URL('../../build/test/refused.bpf.o', import.meta.url));
const ALL_OPS = 0xffff_ffff_ffffn;
const CB_RTO_RETRANS_STATE = 7;
const CAN_TAKE_IN = 1 << 8;

function failureOf(act: () => unknown): NativeFailure {
  try {
    act();
  } catch (error) {
    return error as NativeFailure;
  }
  return assert.fail('expected a failure');
}

function failureToOpen(changes: Partial<NativeConfig>): NativeFailure {
  return failureOf(() => testBinding().openSource(testConfig(changes)));
}

function fatesOf(source: NativeSource): NativeFates[] {
  return source.counters().flatMap(({ first, last }) => [first, last]);
}

function sum(source: NativeSource, name: keyof NativeFates): number {
  return fatesOf(source).reduce((total, fates) => total + fates[name], 0);
}

/** A connection over loopback within the cgroup, both ends closed. */
async function connectOnce(traffic: TrafficProcess): Promise<void> {
  const listener = await traffic.listen({ host: '127.0.0.1' });
  const connection = await traffic.connect({ host: '127.0.0.1', port: listener.port });
  await connection.send(1000);
  await connection.destroy();
  await listener.close();
}

describe('the addon', () => {
  test('finds by trying what works here', (t) => {
    if (!requireKernel(t, ADDON_NEEDS)) return;
    const { probes, features } = testBinding().probe({});
    const worksOf = new Map(probes.map(({ id, works }) => [id, works]));
    for (const id of ['btf', 'map-ring-buffer', 'program-sock-ops', 'helper-socket-cookie']) {
      assert.equal(worksOf.get(id), true, id);
    }
    assert.equal(worksOf.get('iterator-tcp'), (features & CAN_TAKE_IN) !== 0);
    for (const { works, errno } of probes) assert.equal(errno === 0, works);
    const without = testBinding().probe({ btfPath: '/nowhere' });
    assert.equal(without.probes.find(({ id }) => id === 'btf')?.works, false);
  });

  test('reads the clocks close together', (t) => {
    if (!requireKernel(t, ADDON_NEEDS)) return;
    const before = BigInt(Date.now()) * 1_000_000n;
    const { bootNs, realtimeNs, monotonicNs, uncertaintyNs } = testBinding().readClocks();
    const after = BigInt(Date.now() + 1) * 1_000_000n;
    assert.ok(realtimeNs >= before && realtimeNs <= after);
    assert.ok(bootNs + uncertaintyNs >= monotonicNs);
    assert.ok(uncertaintyNs < 1_000_000n, `${uncertaintyNs} ns`);
  });

  test('gives the id of a cgroup, and refuses what is none', (t) => {
    if (!requireKernel(t, ADDON_NEEDS)) return;
    const root = findCgroup2() ?? '';
    assert.equal(testBinding().cgroupId(root), statSync(root, { bigint: true }).ino);
    const failures = ['/nowhere', '/proc', '/etc/passwd'].map((path) =>
      failureOf(() => testBinding().cgroupId(path)),
    );
    assert.deepEqual(
      failures.map(({ step, errnoName }) => [step, errnoName]),
      [
        ['cgroup', 'ENOENT'],
        ['cgroup', 'EBADF'],
        ['cgroup', 'ENOTDIR'],
      ],
    );
  });

  test('says which step failed, with the call and the errno', (t) => {
    if (!requireKernel(t, ADDON_NEEDS)) return;
    const noObject = failureToOpen({ objectPath: '/nowhere.bpf.o' });
    assert.deepEqual([noObject.step, noObject.errnoName], ['open', 'ENOENT']);
    assert.match(noObject.message, /\/nowhere\.bpf\.o/);
    const noCgroup = failureToOpen({ cgroupPath: '/nowhere' });
    assert.deepEqual([noCgroup.step, noCgroup.errnoName], ['cgroup', 'ENOENT']);
    const oddRing = failureToOpen({ ringBytes: 5000 });
    assert.deepEqual(
      [oddRing.step, oddRing.syscall, oddRing.errnoName],
      ['load', 'bpf_map_create', 'EINVAL'],
    );
    assert.match(oddRing.message, /5000 bytes/);
    const noElf = failureToOpen({ objectPath: '/etc/passwd' });
    assert.equal(noElf.step, 'open');
  });

  test("puts the verifier's log into the error", (t) => {
    if (!requireKernel(t, ADDON_NEEDS)) return;
    const failure = failureToOpen({ objectPath: REFUSED_OBJECT });
    assert.deepEqual([failure.step, failure.errnoName], ['load', 'EACCES']);
    assert.match(failure.message, /sockflow_events/);
    assert.match(failure.verifierLog ?? '', /invalid mem access 'map_value_or_null'/);
  });

  test('refuses a configuration that is none', (t) => {
    if (!requireKernel(t, ADDON_NEEDS)) return;
    assert.throws(() => testBinding().openSource(testConfig({ lanes: 65 })), RangeError);
    const source = testBinding().openSource(testConfig());
    t.after(() => source.close());
    assert.throws(() => source.ringFd(1), RangeError);
    assert.throws(() => source.mapRing(-1), RangeError);
  });
});

describe('a source', () => {
  test('counts what its cgroup does, until it is detached', async (t) => {
    if (!requireKernel(t, ADDON_NEEDS)) return;
    const cgroup = TestCgroup.use(t);
    const traffic = await TrafficProcess.start(t, { cgroup });
    const changes = { cgroupPath: cgroup.path, lanes: 2, ringBytes: 1 << 20 };
    const source = testBinding().openSource(
      testConfig({ ...changes, opsMask: ALL_OPS, cbFlags: CB_RTO_RETRANS_STATE }),
    );
    t.after(() => source.close());
    source.attach();
    source.runStats();
    await connectOnce(traffic);
    assert.ok(source.runStats().runs > 0n);
    source.detach();
    const seen = sum(source, 'seen');
    assert.ok(seen >= 10, `${seen} seen`);
    for (const fates of fatesOf(source)) {
      const { submitted, notAsked, filtered, folded, shed, lost } = fates;
      assert.equal(fates.seen + fates.made, submitted + notAsked + filtered + folded + shed + lost);
    }
    await connectOnce(traffic);
    assert.equal(sum(source, 'seen'), seen, 'detached');
  });

  test('filters by port and network as it was told', async (t) => {
    if (!requireKernel(t, ADDON_NEEDS)) return;
    const cgroup = TestCgroup.use(t);
    const traffic = await TrafficProcess.start(t, { cgroup });
    const open = (changes: Partial<NativeConfig>): NativeSource => {
      const source = testBinding().openSource(
        testConfig({ cgroupPath: cgroup.path, ringBytes: 1 << 20, opsMask: ALL_OPS, ...changes }),
      );
      t.after(() => source.close());
      source.attach();
      return source;
    };
    const mapped = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 0);
    const otherPort = open({ ports: new Map([[1, 3]]) });
    const loopback = open({ networks: [{ address: mapped, prefixBits: 104, ends: 3 }] });
    const elsewhere = open({
      networks: [{ address: mapped.with(12, 10), prefixBits: 104, ends: 3 }],
    });
    await connectOnce(traffic);
    for (const source of [otherPort, loopback, elsewhere]) source.detach();
    assert.equal(sum(otherPort, 'submitted'), 0);
    assert.ok(sum(otherPort, 'filtered') > 0);
    assert.ok(sum(loopback, 'submitted') > 0);
    assert.equal(sum(elsewhere, 'submitted'), 0);
  });

  test('takes in what is there already, in a namespace that is entered too', async (t) => {
    const needs = { ...ADDON_NEEDS, caps: [...(ADDON_NEEDS.caps ?? []), 'SYS_ADMIN'] as const };
    if (!requireKernel(t, { ...needs, features: ['take-in'] })) return;
    const cgroup = TestCgroup.use(t);
    const traffic = await TrafficProcess.start(t, { cgroup });
    const listener = await traffic.listen({ host: '127.0.0.1' });
    const connection = await traffic.connect({ host: '127.0.0.1', port: listener.port });
    for (const netns of [undefined, '/proc/self/ns/net']) {
      const source = testBinding().openSource(
        testConfig({ cgroupPath: cgroup.path, opsMask: ALL_OPS, cbFlags: CB_RTO_RETRANS_STATE }),
      );
      source.attach();
      const taken = source.takeIn(netns);
      assert.ok(taken >= 2, `${taken} taken in`);
      source.detach();
      assert.deepEqual(source.flush([]), { summaries: true, flags: true });
      assert.deepEqual(source.flush(['/nowhere']), { summaries: true, flags: false });
      const failure = failureOf(() => source.takeIn('/nowhere'));
      assert.deepEqual([failure.step, failure.errnoName], ['iterate', 'ENOENT']);
      source.close();
    }
    await connection.destroy();
  });

  test('takes in what belongs to its cgroup where a namespace hides how deep that lies', async (t) => {
    const needs = { ...ADDON_NEEDS, caps: [...(ADDON_NEEDS.caps ?? []), 'SYS_ADMIN'] as const };
    if (!requireKernel(t, { ...needs, tools: ['unshare', 'mount'], features: ['take-in'] })) return;
    const root = TestCgroup.use(t);
    const observed = root.child('observed');
    const traffic = await TrafficProcess.start(t, { cgroup: observed });
    const listener = await traffic.listen({ host: '127.0.0.1' });
    const connection = await traffic.connect({ host: '127.0.0.1', port: listener.port });
    const kit = new URL('./native-kit.test.support.js', import.meta.url);
    const script = `import { testBinding, testConfig } from ${JSON.stringify(kit.href)};
      const cgroupPath = process.argv[1] + '/observed';
      const source = testBinding().openSource(testConfig({ cgroupPath, cbFlags: 4, opsMask: 255n }));
      source.attach();
      console.log(source.takeIn());
      source.close();`;
    const mountPoint = useTempDir(t);
    const inside = `mount -t cgroup2 none ${mountPoint} && exec "$0" --input-type=module -e "$1" ${mountPoint}`;
    const outside = `echo $$ > ${root.path}/cgroup.procs && exec unshare -Cm sh -c '${inside}' "$0" "$1"`;
    const run = spawnSync('sh', ['-c', outside, process.execPath, script], { encoding: 'utf8' });
    assert.equal(run.stderr, '');
    assert.ok(Number(run.stdout) >= 2, `${run.stdout} taken in`);
    await connection.destroy();
  });

  test('does without what it may not use', (t) => {
    if (!requireKernel(t, ADDON_NEEDS)) return;
    const source = testBinding().openSource(testConfig({ withoutFeatures: 0xffffffff }));
    t.after(() => source.close());
    assert.equal(source.features, 0);
    source.attach();
    assert.equal(failureOf(() => source.takeIn()).errnoName, 'EOPNOTSUPP');
    source.detach();
    assert.deepEqual(source.flush([]), { summaries: false, flags: false });
  });
});
