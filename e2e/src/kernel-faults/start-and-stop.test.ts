import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';

import { openRecording } from '@sockflow/source-replay';
import { requireKernel, TestCgroup, until } from '@sockflow/test-support';

import { ApiHost } from './api-host.ts';
import { assertGone, attachedTo, objectsOf, untilAttached } from './kernel-objects.ts';
import { Traffic } from './traffic.ts';

/* One process that starts and stops runs, and runs two at once. */

const NEEDS = { tools: ['bpftool', 'gcc'] } as const;
const ROUNDS = 50;
/** Leaves the processors some time for what is tested. */
const PAUSE_US = 300;
/** Descriptors that come and go by themselves: of workers that are ending, of the event loop. */
const SPARE_FDS = 8;

test(`${ROUNDS} runs after each other in one process, while traffic flows, leave nothing: no program, no descriptor, no mapping`, async (t) => {
  if (!requireKernel(t, NEEDS)) return;
  const cgroup = TestCgroup.use(t);
  const host = await ApiHost.start(t);
  const traffic = await Traffic.start(t, cgroup.path);
  await traffic.start(PAUSE_US);
  let held;
  for (let round = 0; round < ROUNDS; round++) {
    const bpf = {
      cgroup: cgroup.path,
      rtt: round % 2 === 0 ? 'raw' : 'folded',
      ringBytes: 1 << 16,
    };
    await host.run('round', { bpf, lanes: 1 + (round % 2), sinks: `[file('round.sfrec')]` });
    await stopSomehow(host, round);
    const { error, summary } = await host.end('round');
    assert.equal(error, undefined, `round ${round}: ${JSON.stringify(error)}`);
    assert.ok(summary?.outcome === 'stopped' || summary?.outcome === 'aborted');
    assert.deepEqual(attachedTo(cgroup.path), [], `round ${round}`);
    if (round === 4) held = await host.held();
  }
  await traffic.stop();
  const before = held;
  assert.ok(before !== undefined);
  const after = await until('mappings to be given back', async () => {
    const now = await host.held();
    return now.mappings === 0 && now;
  });
  assert.ok(after.fds <= before.fds + SPARE_FDS, `${after.fds} descriptors, ${before.fds} before`);
  assert.equal(after.uncaught, 0);
  const { programs, maps, links } = objectsOf(host.pid);
  assert.deepEqual([programs.size, maps.size, links.size], [0, 0, 0]);
});

/** Before it may have started, while it reads without draining, or well. */
async function stopSomehow(host: ApiHost, round: number): Promise<void> {
  if (round % 3 === 0) return host.stop('round');
  // Node loses the descriptors of modules that a thread was loading when it was ended: so never before it reads.
  await until('events', async () => (await host.eventsRead('round')) > 0);
  return host.stop('round', round % 3 === 1);
}

test('two runs at once in one process, on two cgroups, have each its own events, and one ends without the other', async (t) => {
  if (!requireKernel(t, NEEDS)) return;
  const [one, two] = [TestCgroup.use(t), TestCgroup.use(t)];
  const host = await ApiHost.start(t);
  await host.run('one', { bpf: { cgroup: one.path }, sinks: `[file('one.sfrec')]`, lanes: 2 });
  await host.run('two', { bpf: { cgroup: two.path }, sinks: `[file('two.sfrec')]`, lanes: 2 });
  await Promise.all([untilAttached(one.path), untilAttached(two.path)]);
  const objects = objectsOf(host.pid);
  const traffic = [await Traffic.start(t, one.path), await Traffic.start(t, two.path)] as const;
  await Promise.all([traffic[0].churn(100), traffic[1].churn(300)]);
  await host.stop('one');
  const first = await host.end('one');
  await traffic[1].churn(300);
  await host.stop('two');
  const second = await host.end('two');
  await assertGone(objects, () => host.held());
  assert.deepEqual([first.error, second.error], [undefined, undefined]);
  const connects = (name: string) =>
    openRecording(join(host.dir, `${name}.sfrec`)).parts.reduce((sum, { blocks }) => {
      for (let row = 0; row < blocks.count; row++) sum += blocks.opEvents(row, 3);
      return sum;
    }, 0);
  assert.deepEqual([connects('one'), connects('two')], [100, 600]);
});
