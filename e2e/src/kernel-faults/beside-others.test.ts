import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';

import type { EventObject } from '@sockflow/core';
import { requireKernel, TestCgroup } from '@sockflow/test-support';

import { attachedTo } from './kernel-objects.ts';
import { type LiveEnd, LiveRun } from './live-run.ts';
import { readEvents } from './recorded-events.ts';
import { type SynInfo, Traffic } from './traffic.ts';
import { Witness, type WitnessProgram } from './witness.ts';

/* Other programs on the same hook: a second Sockflow, one that overwrites flags, one that answers the kernel's questions. */

const NEEDS = { tools: ['bpftool', 'clang', 'gcc'] } as const;
const CONNECTIONS = 5;
const PINGS = 10;
const SYN_TIMEOUT_JIFFIES = 700;
const WINDOW_PACKETS = 3;

for (const ended of ['first', 'second'] as const) {
  test(`of two at once each gets everything, and goes on getting it when the one started ${ended} has ended`, async (t) => {
    if (!requireKernel(t, { ...NEEDS, features: ['take-in'] })) return;
    const cgroup = TestCgroup.use(t);
    const pipeline = { bpf: { cgroup: cgroup.path, rtt: 'raw', existing: 'off' } };
    const one = await LiveRun.start(t, pipeline);
    const two = await LiveRun.start(t, pipeline, { attached: 2 });
    const [leaver, stayer] = ended === 'first' ? [one, two] : [two, one];
    const traffic = await Traffic.start(t, cgroup.path);
    await traffic.open(CONNECTIONS);
    await ping(traffic, PINGS);
    const left = await recordedBy(leaver);
    await ping(traffic, PINGS);
    const { port } = await traffic.close();
    const stayed = await recordedBy(stayer);
    const after = eventsAfter(stayed, left);
    assertBothEnds(after, port, 'RTT_CB', 'samples go on');
    assertBothEnds(after, port, 'STATE_CB', 'the ends of the connections are told');
  });
}

test('one on a cgroup and one on its child both get the events of the child', async (t) => {
  if (!requireKernel(t, NEEDS)) return;
  const parent = TestCgroup.use(t);
  const child = parent.child('child');
  const outer = await LiveRun.start(t, { bpf: { cgroup: parent.path, rtt: 'raw' } });
  const inner = await LiveRun.start(t, { bpf: { cgroup: child.path, rtt: 'raw' } });
  const traffic = await Traffic.start(t, child.path);
  await traffic.churn(20);
  await traffic.end();
  const [outerEvents, innerEvents] = [await recordedBy(outer), await recordedBy(inner)];
  const counts = countsByOp(innerEvents);
  assert.equal(counts['TCP_CONNECT_CB'], 20);
  assert.deepEqual(countsByOp(outerEvents), counts);
});

for (const when of ['before', 'after'] as const) {
  test(`a program attached ${when} us that overwrites cb flags costs no events that we can have: flags are put back, and it is counted`, async (t) => {
    if (!requireKernel(t, NEEDS)) return;
    const cgroup = TestCgroup.use(t);
    const bpf = { cgroup: cgroup.path, rtt: 'raw', existing: 'off' };
    const programs: readonly WitnessProgram[] = ['overwrite'];
    if (when === 'before') await Witness.start(t, cgroup.path, programs);
    const live = await LiveRun.start(t, { bpf });
    if (when === 'after') await Witness.start(t, cgroup.path, programs);
    const traffic = await Traffic.start(t, cgroup.path);
    await traffic.open(CONNECTIONS);
    await ping(traffic, PINGS);
    const { port } = await traffic.close();
    const end = await live.stop();
    const events = await eventsOf(live, end);
    assert.ok((end.summary?.ledger.source?.notes['flagsClobbered'] ?? 0) > 0);
    assertBothEnds(events, port, 'STATE_CB', 'both ends of each connection are told');
    // Who overwrites them after us in the last callback before the data has them overwritten until the next: the client's end.
    const samples = events.filter((event) => event.op === 'RTT_CB');
    const servers = new Set(
      samples.filter((event) => event.localPort === port).map(({ cookie }) => cookie),
    );
    assert.equal(servers.size, CONNECTIONS);
    if (when === 'before') assertBothEnds(events, port, 'RTT_CB', 'samples of both ends');
  });
}

for (const when of ['before', 'after'] as const) {
  test(`what a tuner attached ${when} us answers the kernel stays in force`, async (t) => {
    if (!requireKernel(t, NEEDS)) return;
    const cgroup = TestCgroup.use(t);
    const settings = { synTimeoutJiffies: SYN_TIMEOUT_JIFFIES, windowPackets: WINDOW_PACKETS };
    const untuned = await answersInForce(t, cgroup.path);
    const witness = await Witness.start(t, cgroup.path, ['answer'], settings);
    const tuned = await answersInForce(t, cgroup.path);
    assert.notEqual(tuned.rtoUs, untuned.rtoUs);
    assert.notEqual(tuned.windowBytes, untuned.windowBytes);

    if (when === 'after') await witness.detach('answer');
    const live = await LiveRun.start(t, { bpf: { cgroup: cgroup.path, ops: 'all' } });
    assert.deepEqual(attachedTo(cgroup.path).length, 1);
    if (when === 'after') {
      assert.deepEqual(await answersInForce(t, cgroup.path), untuned, 'we alone change nothing');
      await witness.attach('answer');
    }
    assert.deepEqual(await answersInForce(t, cgroup.path), tuned);
    assert.equal((await live.stop()).status, 130);
  });
}

test('a program that lets no other beside it is told as the reason, and the run ends with an error', async (t) => {
  if (!requireKernel(t, NEEDS)) return;
  const cgroup = TestCgroup.use(t);
  const witness = await Witness.start(t, cgroup.path, []);
  await witness.hold('count');
  const end = await LiveRun.launch(t, { bpf: { cgroup: cgroup.path } }).end();
  const { code, message, remedy } = end.summary?.error ?? {};
  assert.equal(code, 'ERR_SOCKFLOW_KERNEL_PERMISSION', end.stderr);
  assert.match(message ?? '', /BPF_F_ALLOW_MULTI/);
  assert.match(remedy ?? '', /bpftool cgroup/);
  assert.equal(end.status, 1);
  assert.deepEqual(attachedTo(cgroup.path), []);
});

/** The time-out and the window of a SYN, as the socket itself tells them. */
async function answersInForce(t: TestContext, cgroupPath: string): Promise<SynInfo> {
  const traffic = await Traffic.start(t, cgroupPath);
  const info = await traffic.syn();
  assert.equal(info.state, 2, 'the SYN is not answered');
  await traffic.end();
  return info;
}

async function ping(traffic: Traffic, times: number): Promise<void> {
  for (let time = 0; time < times; time++) await traffic.ping();
}

async function recordedBy(live: LiveRun): Promise<EventObject[]> {
  return eventsOf(live, await live.stop());
}

async function eventsOf(live: LiveRun, end: LiveEnd): Promise<EventObject[]> {
  assert.equal(end.status, 130, end.stderr);
  return readEvents(join(live.dir, 'out.sfrec'));
}

/** What the one that stayed has besides: of each socket, what the other had comes first, op by op. */
function eventsAfter(
  stayed: readonly EventObject[],
  left: readonly EventObject[],
): readonly EventObject[] {
  const had = bySocket(left);
  return [...bySocket(stayed)].flatMap(([cookie, events]) => {
    const before = (had.get(cookie) ?? []).map(({ op }) => op);
    assert.deepEqual(
      events.slice(0, before.length).map(({ op }) => op),
      before,
      'both had the same until then',
    );
    return events.slice(before.length);
  });
}

function bySocket(events: readonly EventObject[]): Map<bigint, EventObject[]> {
  const sockets = new Map<bigint, EventObject[]>();
  for (const event of events) {
    const own = sockets.get(event.cookie) ?? [];
    sockets.set(event.cookie, own);
    own.push(event);
  }
  return sockets;
}

function countsByOp(events: readonly EventObject[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { op } of events) counts[op] = (counts[op] ?? 0) + 1;
  return counts;
}

function assertBothEnds(
  events: readonly EventObject[],
  port: number,
  op: string,
  what: string,
): void {
  const own = events.filter((event) => event.op === op);
  const servers = new Set(
    own.filter(({ localPort }) => localPort === port).map(({ cookie }) => cookie),
  );
  const clients = new Set(
    own.filter(({ remotePort }) => remotePort === port).map(({ cookie }) => cookie),
  );
  assert.deepEqual([servers.size, clients.size], [CONNECTIONS, CONNECTIONS], what);
}
