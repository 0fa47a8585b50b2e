import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';

import { Kind, Op, PRESENCE_BIT } from '@sockflow/core';
import { openRecording, scanRecording } from '@sockflow/source-replay';
import { NetNamespaces, requireKernel, TestCgroup, useTempDir } from '@sockflow/test-support';

import { assertGone, attachedTo, objectsOf } from './kernel-objects.ts';
import { LiveRun } from './live-run.ts';
import { asNobody, type Capability, giveToNobody } from './places.ts';
import { Traffic } from './traffic.ts';

const NEEDS = { tools: ['bpftool', 'gcc', 'ip', 'setpriv'] } as const;
const LEAST: readonly Capability[] = ['bpf', 'net_admin'];
const CGROUP_ID_WORD = 112 / 8;

/** What was recorded, as far as these tests look at it. */
interface Recorded {
  readonly events: number;
  readonly snapshots: number;
  /** Slots of full sockets by whether a field means something. */
  readonly presence: (field: keyof typeof PRESENCE_BIT) => { present: number; absent: number };
  readonly cgroupIds: ReadonlySet<bigint>;
}

test('another user with CAP_BPF and CAP_NET_ADMIN alone records; what needs CAP_PERFMON is absent, never zero, and a warning says so', async (t) => {
  if (!requireKernel(t, NEEDS)) return;
  const { end, recorded } = await record(t, LEAST);
  assert.ok(recorded.events > 0);
  assert.equal(recorded.snapshots, 0);
  for (const field of ['sk_err', 'cgroup_id', 'tskey'] as const) {
    assert.equal(recorded.presence(field).present, 0, field);
  }
  assert.ok(recorded.presence('owner_pid').present > 0, 'owners need no more');
  const { warnings = [] } = end.summary ?? {};
  assert.ok(
    warnings.some((text) => text.includes('CAP_PERFMON')),
    JSON.stringify(warnings),
  );
});

test('CAP_PERFMON adds the pending error, the cgroup, the key of time stamps and existing connections', async (t) => {
  if (!requireKernel(t, { ...NEEDS, features: ['take-in', 'time-stamps'] })) return;
  const { end, recorded, cgroupId } = await record(t, [...LEAST, 'perfmon']);
  assert.ok(recorded.events > 0);
  assert.equal(recorded.presence('sk_err').absent, 0);
  assert.equal(recorded.presence('cgroup_id').absent, 0);
  assert.deepEqual([...recorded.cgroupIds], [cgroupId]);
  assert.ok(recorded.presence('tskey').present > 0);
  assert.ok(recorded.snapshots > 0, 'the connections that were there before');
  const { warnings = [] } = end.summary ?? {};
  assert.ok(!warnings.some((text) => text.includes('CAP_PERFMON')), JSON.stringify(warnings));
});

const REFUSED: readonly {
  readonly has: readonly Capability[];
  readonly lacks: readonly string[];
  readonly existing?: string;
}[] = [
  { has: [], lacks: ['CAP_BPF', 'CAP_NET_ADMIN'] },
  { has: ['net_admin'], lacks: ['CAP_BPF'] },
  { has: ['bpf'], lacks: ['CAP_NET_ADMIN'] },
  { has: ['perfmon', 'bpf'], lacks: ['CAP_NET_ADMIN'] },
  { has: LEAST, lacks: ['CAP_PERFMON'], existing: 'own-netns' },
  { has: LEAST, lacks: ['CAP_PERFMON', 'CAP_SYS_ADMIN'], existing: 'all-netns' },
  {
    has: [...LEAST, 'perfmon'],
    lacks: ['CAP_SYS_ADMIN', 'CAP_SYS_PTRACE'],
    existing: 'all-netns',
  },
  {
    has: [...LEAST, 'perfmon', 'sys_admin'],
    lacks: ['CAP_SYS_PTRACE'],
    existing: 'all-netns',
  },
  {
    has: [...LEAST, 'perfmon', 'sys_ptrace'],
    lacks: ['CAP_SYS_ADMIN'],
    existing: 'all-netns',
  },
];

for (const { has, lacks, existing = 'auto' } of REFUSED) {
  test(`with ${has.join(', ') || 'no capability'} and existing ${existing}, ${lacks.join(' and ')} are named, nothing else, and nothing stays attached`, async (t) => {
    if (!requireKernel(t, { ...NEEDS, features: ['take-in'] })) return;
    const cgroup = TestCgroup.use(t);
    NetNamespaces.use(t);
    // Whose processes are not one's own has namespaces that are not even seen.
    await Traffic.start(t, cgroup.path);
    const dir = useTempDir(t);
    giveToNobody(dir);
    const bpf = { cgroup: cgroup.path, existing };
    const end = await LiveRun.launch(t, { bpf }, { dir, within: asNobody(has) }).end();
    const { code, message, remedy } = end.summary?.error ?? {};
    assert.equal(code, 'ERR_SOCKFLOW_KERNEL_PERMISSION', end.stderr);
    assert.deepEqual([...new Set(message?.match(/CAP_[A-Z_]+/g))].toSorted(), lacks, message);
    assert.ok((remedy ?? '') !== '');
    assert.equal(end.status, 1);
    assert.deepEqual(attachedTo(cgroup.path), []);
  });
}

test('with all of them another user takes in the connections of other network namespaces; without CAP_SYS_ADMIN a warning says that they are left out', async (t) => {
  if (!requireKernel(t, { ...NEEDS, features: ['take-in'] })) return;
  NetNamespaces.use(t);
  const { end } = await record(t, [...LEAST, 'perfmon']);
  const { warnings = [] } = end.summary ?? {};
  assert.ok(
    warnings.some((text) => /CAP_SYS_ADMIN/.test(text)),
    JSON.stringify(warnings),
  );
  const all = await record(t, [...LEAST, 'perfmon', 'sys_admin', 'sys_ptrace']);
  // A namespace of somebody else may come and go meanwhile: that is no matter of capabilities.
  assert.doesNotMatch((all.end.summary?.warnings ?? []).join('\n'), /CAP_/);
});

test('root of a user namespace of its own is told that its capabilities count for nothing', async (t) => {
  if (!requireKernel(t, { ...NEEDS, tools: [...NEEDS.tools, 'unshare'] })) return;
  const cgroup = TestCgroup.use(t);
  const within = ['unshare', '--user', '--map-root-user'];
  const end = await LiveRun.launch(t, { bpf: { cgroup: cgroup.path } }, { within }).end();
  const { code, message, remedy } = end.summary?.error ?? {};
  assert.equal(code, 'ERR_SOCKFLOW_KERNEL_PERMISSION', end.stderr);
  assert.match(message ?? '', /CAP_BPF and CAP_NET_ADMIN.*user namespace/);
  assert.match(remedy ?? '', /initial user namespace/);
  assert.equal(end.status, 1);
  assert.deepEqual(attachedTo(cgroup.path), []);
});

/** Records some traffic as another user, beside connections that were there before. */
async function record(t: TestContext, capabilities: readonly Capability[]) {
  const cgroup = TestCgroup.use(t);
  const dir = useTempDir(t);
  giveToNobody(dir);
  const traffic = await Traffic.start(t, cgroup.path);
  await traffic.open(3);
  const bpf = { cgroup: cgroup.path, ops: 'all', rtt: 'raw' };
  const live = await LiveRun.start(t, { bpf }, { dir, within: asNobody(capabilities) });
  const objects = objectsOf(live.pid);
  await traffic.churn(20);
  await traffic.ping();
  await traffic.close();
  const end = await live.stop();
  assert.equal(end.status, 130, end.stderr);
  await assertGone(objects);
  return {
    end,
    recorded: read(join(dir, 'out.sfrec')),
    cgroupId: statSync(cgroup.path, { bigint: true }).ino,
  };
}

function read(path: string): Recorded {
  const words: bigint[] = [];
  const cgroupIds = new Set<bigint>();
  let events = 0;
  let snapshots = 0;
  scanRecording(openRecording(path), (memory, word) => {
    const kind = (memory.u32[word + 2] ?? 0) & 0xff;
    const op = ((memory.u32[word + 2] ?? 0) >>> 8) & 0xff;
    const isFullsock = (((memory.u32[word + 3] ?? 0) >>> 28) & 1) === 1;
    if (kind === Kind.SNAPSHOT) snapshots++;
    if (kind !== Kind.OP) return;
    events++;
    const presence = memory.big[(word >>> 1) + 7] ?? 0n;
    const isTimeStamp = op >= Op.TSTAMP_SCHED_CB;
    if (isFullsock && !isTimeStamp) {
      words.push(presence);
      if (isPresent(presence, 'cgroup_id')) {
        cgroupIds.add(memory.big[(word >>> 1) + CGROUP_ID_WORD] ?? 0n);
      }
    }
    if (isTimeStamp) words.push(presence | (1n << 63n));
  });
  return {
    events,
    snapshots,
    cgroupIds,
    presence: (field) => {
      const own = words.filter((word) => word >> 63n === (field === 'tskey' ? 1n : 0n));
      const present = own.filter((word) => isPresent(word, field)).length;
      return { present, absent: own.length - present };
    },
  };
}

function isPresent(presence: bigint, field: keyof typeof PRESENCE_BIT): boolean {
  return ((presence >> BigInt(PRESENCE_BIT[field])) & 1n) === 1n;
}
