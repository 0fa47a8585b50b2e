import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { openRecording } from '@sockflow/source-replay';
import { requireKernel, TestCgroup, until } from '@sockflow/test-support';

import { ApiHost, type HostedEnd } from './api-host.ts';
import { assertGone, attachedTo, objectsOf, untilAttached } from './kernel-objects.ts';
import { LiveRun } from './live-run.ts';
import { readRecordedLane } from './stream-log.ts';
import { Traffic } from './traffic.ts';

/* Lanes that do not keep up or die, and processes that are stopped and killed. */

const NEEDS = { tools: ['bpftool', 'gcc'] } as const;
const STALL_MS = 2000;
/** Leaves the processors some time for what is tested. */
const PAUSE_US = 300;

test('a process that is stopped for seconds under load loses what it counts and tells, then goes on', async (t) => {
  if (!requireKernel(t, NEEDS)) return;
  const cgroup = TestCgroup.use(t);
  const bpf = { cgroup: cgroup.path, rtt: 'raw', ringBytes: 1 << 20 };
  const live = await LiveRun.start(t, { bpf });
  const traffic = await Traffic.start(t, cgroup.path);
  await traffic.start();
  await sleep(300);
  live.child.kill('SIGSTOP');
  await sleep(STALL_MS);
  live.child.kill('SIGCONT');
  await sleep(500);
  await traffic.stop();
  const end = await live.stop();
  assert.equal(end.status, 130, end.stderr);
  const { source } = end.summary?.ledger ?? {};
  const gone = source?.counts.reduce((sum, { shed, lost }) => sum + shed + lost, 0) ?? 0;
  assert.ok(gone > 0, JSON.stringify(source));

  const items = readRecordedLane(join(live.dir, 'out.sfrec'), 0, 1);
  const losses = items.filter((item) => item.what === 'loss');
  const told = losses.reduce(
    (sum, loss) => sum + loss.ringFull + loss.shedFirst + loss.shedLast,
    0,
  );
  assert.equal(told, gone);
  const longest = losses.reduce((one, other) => (lengthNs(one) > lengthNs(other) ? one : other));
  assert.ok(
    lengthNs(longest) > 500_000_000n,
    `the gap is the time it was stopped: ${lengthNs(longest)}`,
  );
  const at = items.indexOf(longest);
  assert.ok(items.slice(at).filter((item) => item.what === 'event').length > 100, 'it goes on');
});

function lengthNs(loss: { readonly tsNs: bigint; readonly gapStartNs: bigint }): bigint {
  return loss.tsNs - loss.gapStartNs;
}

/** Ways for a lane to die under load, and the code that names it. */
const DEATHS = [
  {
    how: 'whose code calls process.exit',
    events: `where((event) => { if (++seen > 500) process.exit(3); return true; })`,
    code: 'ERR_SOCKFLOW_LANE_DIED',
  },
  {
    how: 'that runs out of memory',
    events: `where((event) => { if (++seen > 500) for (;;) hoard.push(new Array(1000).fill(seen)); return true; })`,
    code: 'ERR_SOCKFLOW_LANE_DIED',
  },
  {
    how: 'whose code throws',
    events: `where((event) => { if (++seen > 500) throw new Error('on purpose'); return true; })`,
    code: 'ERR_SOCKFLOW_LANE_FAILED',
  },
] as const;

for (const lanes of [1, 2]) {
  // With two the other one must end too: how the first died makes no difference to it.
  for (const { how, events, code } of DEATHS.slice(0, lanes === 1 ? undefined : 1)) {
    test(`a lane of ${lanes} ${how} ends the run with ${code}, and the process goes on with nothing of it in the kernel`, async (t) => {
      if (!requireKernel(t, NEEDS)) return;
      const cgroup = TestCgroup.use(t);
      const host = await ApiHost.start(t);
      const before = await host.held();
      const pipeline = {
        bpf: { cgroup: cgroup.path },
        lanes,
        head: 'let seen = 0;\nconst hoard = [];',
        events: `batches.pipe(${events})`,
      };
      // A small young generation: at the limit Node leaves 16 MiB for what one collection moves, and ends the process where that is more.
      const resourceLimits = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4 };
      await host.run('dies', pipeline, { resourceLimits });
      await untilAttached(cgroup.path);
      const objects = objectsOf(host.pid);
      const traffic = await Traffic.start(t, cgroup.path);
      await traffic.start(PAUSE_US);
      const { error } = await host.end('dies');
      await traffic.stop();
      assert.equal(error?.code, code, JSON.stringify(error));
      assert.deepEqual(attachedTo(cgroup.path), []);
      await assertGone(objects, () => host.held());
      assert.equal((await host.held()).uncaught, before.uncaught, 'nothing else was thrown');
      await assertRunsAgain(t, host, cgroup.path);
    });
  }
}

/** The process is as good as new: another run in it sees traffic. */
async function assertRunsAgain(t: TestContext, host: ApiHost, cgroupPath: string): Promise<void> {
  const { summary } = await runOnce(t, host, cgroupPath);
  assert.equal(summary?.outcome, 'stopped');
  assert.ok((summary?.ledger.total.read ?? 0) > 10);
}

async function runOnce(t: TestContext, host: ApiHost, cgroupPath: string): Promise<HostedEnd> {
  await host.run('again', { bpf: { cgroup: cgroupPath }, sinks: `[file('again.sfrec')]` });
  await untilAttached(cgroupPath);
  const traffic = await Traffic.start(t, cgroupPath);
  await traffic.churn(10);
  await traffic.end();
  await host.stop('again');
  return host.end('again');
}

test('a run that is aborted under load says how much it left unread, to the unit', async (t) => {
  if (!requireKernel(t, NEEDS)) return;
  const cgroup = TestCgroup.use(t);
  const host = await ApiHost.start(t);
  await host.run('aborted', {
    bpf: { cgroup: cgroup.path, rtt: 'raw' },
    lanes: 2,
    head: `const slow = { name: 'slow', accepts: 'batches', open: () => ({ acknowledged: 0, failed: 0, write: () => new Promise((resolve) => setTimeout(resolve, 50)), flush() {}, close: () => ({}) }) };`,
    sinks: '[slow]',
  });
  await untilAttached(cgroup.path);
  const traffic = await Traffic.start(t, cgroup.path);
  await traffic.churn(3000);
  await traffic.end();
  await until('events', async () => (await host.eventsRead('aborted')) > 0);
  await host.stop('aborted', true);
  const { summary } = await host.end('aborted');
  assert.equal(summary?.outcome, 'aborted');
  const { source, total } = summary.ledger;
  assert.equal(source?.isSettled, true);
  const submitted = source.counts.reduce((sum, counts) => sum + counts.submitted, 0);
  assert.ok(summary.leftInRings > 0, 'it was slow');
  assert.equal(total.read + total.markers + summary.leftInRings, submitted);
});

test('after kill -9 nothing of it is in the kernel, and the recording is readable up to its last block', async (t) => {
  if (!requireKernel(t, NEEDS)) return;
  const cgroup = TestCgroup.use(t);
  const live = await LiveRun.start(t, { bpf: { cgroup: cgroup.path, rtt: 'raw' }, lanes: 2 });
  const objects = objectsOf(live.pid);
  assert.ok(objects.links.size > 0);
  const traffic = await Traffic.start(t, cgroup.path);
  await traffic.start();
  const part = (lane: number) => join(live.dir, `out.${lane}.sfrec.part`);
  await until('blocks of both lanes', () =>
    [0, 1].every((lane) => existsSync(part(lane)) && openable(part(lane))),
  );
  live.child.kill('SIGKILL');
  await live.end();
  await traffic.stop();
  await assertGone(objects);
  assert.deepEqual(attachedTo(cgroup.path), []);
  assert.equal(existsSync(join(live.dir, 'out.0.sfrec')), false);
  const recording = openRecording(join(live.dir, 'out.sfrec'));
  assert.ok(recording.events > 1000, `${recording.events} events`);
});

function openable(path: string): boolean {
  try {
    return openRecording(path).events > 1000;
  } catch {
    return false;
  }
}

for (const lanes of [1, 2]) {
  test(`SIGINT under load drains ${lanes} lane(s): all that was submitted is in the file`, async (t) => {
    if (!requireKernel(t, NEEDS)) return;
    const cgroup = TestCgroup.use(t);
    const live = await LiveRun.start(t, { bpf: { cgroup: cgroup.path, rtt: 'raw' }, lanes });
    const traffic = await Traffic.start(t, cgroup.path);
    await traffic.start();
    await sleep(700);
    const end = await live.stop();
    await traffic.stop();
    assert.equal(end.status, 130, end.stderr);
    assert.match(end.stderr, /SIGINT: draining/);
    assert.equal(end.summary?.leftInRings, 0);
    const submitted = end.summary?.ledger.source?.counts.reduce(
      (sum, counts) => sum + counts.submitted,
      0,
    );
    const recording = openRecording(join(live.dir, 'out.sfrec'));
    assert.equal(recording.events + recording.markers, submitted);
    assert.ok(recording.events > 1000);
  });
}

test('the second SIGINT ends at once a lane that is stuck in its sink, and nothing of it stays in the kernel', async (t) => {
  if (!requireKernel(t, NEEDS)) return;
  const cgroup = TestCgroup.use(t);
  const live = await LiveRun.start(t, {
    bpf: { cgroup: cgroup.path },
    head: `const stuck = { name: 'stuck', accepts: 'batches', open: () => ({ acknowledged: 0, failed: 0, write: () => new Promise(() => { setInterval(() => {}, 1000); }), flush() {}, close: () => ({}) }) };`,
    sinks: '[stuck]',
  });
  const objects = objectsOf(live.pid);
  const traffic = await Traffic.start(t, cgroup.path);
  await traffic.churn(10);
  live.child.kill('SIGINT');
  await until('it to drain', () => /draining/.test(live.stderr));
  await sleep(500);
  assert.equal(live.child.exitCode, null, 'it waits for its sink');
  live.child.kill('SIGINT');
  const end = await live.end();
  assert.equal(end.status, 130, end.stderr);
  await assertGone(objects);
});
