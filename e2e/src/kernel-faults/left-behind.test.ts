import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CbFlag, Op } from '@sockflow/core';
import { requireKernel, TestCgroup } from '@sockflow/test-support';

import { assertGone, objectsOf } from './kernel-objects.ts';
import { LiveRun } from './live-run.ts';
import { Traffic } from './traffic.ts';
import { type SocketFlags, Witness } from './witness.ts';

const NEEDS = { tools: ['bpftool', 'clang', 'gcc'], features: ['take-in'] } as const;
const CONNECTIONS = 5;
/** What a neighbour asks for. */
const OTHERS = CbFlag.STATE | CbFlag.RETRANS;

for (const existing of ['off', 'own-netns'] as const) {
  const which =
    existing === 'off' ? 'connections that it saw begin' : 'connections that it took in';
  test(`a run that has ended has its cb flags off the sockets, and leaves those that others had set before: ${which}`, async (t) => {
    if (!requireKernel(t, NEEDS)) return;
    const cgroup = TestCgroup.use(t);
    // Attached before us it is asked first.
    const witness = await Witness.start(t, cgroup.path, ['ask'], { askedFlags: OTHERS });
    const start = () => LiveRun.start(t, { bpf: { cgroup: cgroup.path, existing } });
    const early = existing === 'off' ? await start() : undefined;
    const asked = await Traffic.start(t, cgroup.path);
    await asked.open(CONNECTIONS);
    await witness.detach('ask');
    const plain = await Traffic.start(t, cgroup.path);
    await plain.open(CONNECTIONS);
    const live = early ?? (await start());
    const objects = objectsOf(live.pid);
    const [askedPort, plainPort] = [(await asked.ping()).port, (await plain.ping()).port];
    const during = await witness.flags();
    for (const port of [askedPort, plainPort]) {
      const flags = flagsOf(during, port);
      assert.ok(
        flags.length > 2 * CONNECTIONS && flags.every((value) => (value & CbFlag.RTT) !== 0),
        `ours are on: ${flags.join(' ')}`,
      );
    }
    const end = await live.stop();
    assert.equal(end.status, 130, end.stderr);
    assert.doesNotMatch(
      (end.summary?.warnings ?? []).join('\n'),
      /cb flags/,
      'this test needs a machine without other sock_ops programs at the root of its cgroups',
    );
    await assertGone(objects);

    const after = await witness.flags();
    assert.deepEqual([...new Set(flagsOf(after, plainPort))], [0], 'ours are off');
    assert.deepEqual([...new Set(flagsOf(after, askedPort))], [OTHERS], 'those of others stay');
    await witness.attach('count');
    assert.deepEqual(await callbacksOf(witness, plain), { samples: false, states: false });
    assert.deepEqual(await callbacksOf(witness, asked), { samples: false, states: true });
  });
}

test('where another program is attached still, flags stay on, and a warning names it: whoever relied on them goes on being called', async (t) => {
  if (!requireKernel(t, NEEDS)) return;
  const cgroup = TestCgroup.use(t);
  const live = await LiveRun.start(t, { bpf: { cgroup: cgroup.path } });
  const objects = objectsOf(live.pid);
  // Attached after us it finds the flags set, and nobody can tell that it asked for them too.
  const witness = await Witness.start(t, cgroup.path, ['ask', 'count'], { askedFlags: OTHERS });
  const traffic = await Traffic.start(t, cgroup.path);
  await traffic.open(CONNECTIONS);
  const end = await live.stop();
  assert.equal(end.status, 130, end.stderr);
  const { warnings = [] } = end.summary ?? {};
  assert.match(warnings.join('\n'), /cb flags.*stay.*ask \(id \d+\)/);
  await assertGone(objects);
  const { states } = await callbacksOf(witness, traffic);
  assert.equal(states, true);
});

/** Which gated callbacks come for its connections while they are used and closed. */
async function callbacksOf(
  witness: Witness,
  traffic: Traffic,
): Promise<{ readonly samples: boolean; readonly states: boolean }> {
  const before = (await witness.counts()).full;
  await traffic.ping();
  await traffic.close();
  const after = (await witness.counts()).full;
  const came = (op: number): boolean => (after[op] ?? 0) > (before[op] ?? 0);
  return { samples: came(Op.RTT_CB), states: came(Op.STATE_CB) };
}

/** Of the sockets of connections to a port, both ends, and of its listener. */
function flagsOf(sockets: readonly SocketFlags[], port: number): number[] {
  return sockets
    .filter(({ localPort, remotePort }) => localPort === port || remotePort === port)
    .map(({ cbFlags }) => cbFlags);
}
