import assert from 'node:assert/strict';
import { test } from 'node:test';

import { until } from '@sockflow/test-support';
import { Op, OP_NAMES } from 'sockflow';

import { assertAsSs } from './assert-as-ss.ts';
import { endsOf, isClosed, only, storyOf } from './events-of.ts';
import { type JoinedConnection, KernelScene } from './kernel-scene.ts';
import { LiveRun } from './live-run.ts';
import { SockOpsProgram } from './sock-ops-program.ts';

const MESSAGE_BYTES = 500;

/** Both ends as ss has them once nothing is under way any more. */
async function quietEnds({ a, b }: KernelScene, { near }: JoinedConnection, bytes: number) {
  return until('quiet', () => {
    const [far] = b.sockets(`dport = :${near.localPort}`);
    const [own] = a.sockets(`sport = :${near.localPort}`);
    if (far?.numbers['bytes_acked'] !== bytes || own === undefined) return undefined;
    return { near: own, far };
  });
}

test('a connection that is there already is told as ss has it, and from then on as any other', async (t) => {
  const scene = await KernelScene.use(t, { features: ['take-in'] });
  if (scene === undefined) return;
  const joined = await scene.join(await scene.echo());
  await joined.near.exchange(4, MESSAGE_BYTES);
  const quiet = await quietEnds(scene, joined, 4 * MESSAGE_BYTES);
  const live = await LiveRun.start(t, scene.cgroup, {
    ops: [Op.STATE_CB, Op.RTT_CB],
    existing: 'auto',
  });
  await live.count('snapshots', 3, ({ kind }) => kind === 'SNAPSHOT');
  const before = endsOf(live.events, joined);
  assertAsSs(only(before.client), quiet.near);
  assertAsSs(only(before.server), quiet.far);
  for (const event of [...before.client, ...before.server]) {
    assert.deepEqual([event.state, event.ownerPid], ['ESTABLISHED', undefined]);
  }
  await joined.near.exchange(4, MESSAGE_BYTES);
  await scene.close(joined);
  await live.find('the end of the client', isClosed(joined.near));
  await live.find('the end of the server', isClosed(joined.far));
  await live.stop();
  for (const [events, changes] of [
    [
      endsOf(live.events, joined).client,
      ['ESTABLISHED > FIN_WAIT1', 'FIN_WAIT1 > FIN_WAIT2', 'FIN_WAIT2 > CLOSE'],
    ],
    [
      endsOf(live.events, joined).server,
      ['ESTABLISHED > CLOSE_WAIT', 'CLOSE_WAIT > LAST_ACK', 'LAST_ACK > CLOSE'],
    ],
  ] as const) {
    assert.deepEqual(storyOf(events.filter(({ op }) => op === 'STATE_CB')), changes);
    assert.ok(events.filter(({ op }) => op === 'RTT_CB').length >= 4);
  }
});

test('a run that ends takes its flags off the sockets that live on', async (t) => {
  const scene = await KernelScene.use(t, { features: ['take-in'], tools: ['clang'] });
  if (scene === undefined) return;
  const live = await LiveRun.start(t, scene.cgroup, { ops: 'all' });
  const joined = await scene.join(await scene.echo());
  await joined.near.exchange(5, MESSAGE_BYTES);
  await live.stop();
  // Only now, since flags are left on where another program is attached that may rely on them.
  const witness = SockOpsProgram.attach(t, 'op-counter', scene.cgroup);
  await joined.near.exchange(20, MESSAGE_BYTES);
  await scene.close(joined);
  await quietGone(scene, joined);
  const happened = witness.counts().flatMap((count, op) => (count > 0 ? [OP_NAMES[op]] : []));
  assert.deepEqual(happened, []);
});

test('a run that ends leaves the flags on where another program may rely on them', async (t) => {
  const scene = await KernelScene.use(t, { features: ['take-in'], tools: ['clang'] });
  if (scene === undefined) return;
  SockOpsProgram.attach(t, 'option-writer', scene.cgroup);
  const witness = SockOpsProgram.attach(t, 'op-counter', scene.cgroup);
  const live = await LiveRun.start(t, scene.cgroup, { ops: [Op.STATE_CB], rtt: 'off' });
  const joined = await scene.join(await scene.echo());
  await live.stop();
  const before = witness.counts();
  await joined.near.exchange(5, MESSAGE_BYTES);
  await scene.close(joined);
  await quietGone(scene, joined);
  const after = witness.counts();
  const happened = after.flatMap((count, op) => (count > (before[op] ?? 0) ? [OP_NAMES[op]] : []));
  assert.deepEqual(happened, ['STATE_CB', 'HDR_OPT_LEN_CB', 'WRITE_HDR_OPT_CB']);
});

async function quietGone({ b }: KernelScene, { near }: JoinedConnection): Promise<void> {
  await until(
    'the server to forget it',
    () => b.sockets(`dport = :${near.localPort}`).length === 0,
  );
}
