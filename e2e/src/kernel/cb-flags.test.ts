import assert from 'node:assert/strict';
import { test } from 'node:test';

import { until } from '@sockflow/test-support';
import { CbFlag, Op, OP_NAMES } from 'sockflow';

import { endsOf, isClosed, type Ports } from './events-of.ts';
import { KernelScene } from './kernel-scene.ts';
import { LiveRun } from './live-run.ts';
import { SockOpsProgram } from './sock-ops-program.ts';

/** The ops that no flag gates and that this traffic makes. */
const UNGATED = [
  Op.TIMEOUT_INIT,
  Op.RWND_INIT,
  Op.PASSIVE_ESTABLISHED_CB,
  Op.NEEDS_ECN,
  Op.TCP_LISTEN_CB,
];
const MESSAGE_BYTES = 500;

for (const [name, flag, gated] of [
  ['no flag', 0, []],
  ['RTO', CbFlag.RTO, [Op.RTO_CB]],
  ['RETRANS', CbFlag.RETRANS, [Op.RETRANS_CB]],
  ['STATE', CbFlag.STATE, [Op.STATE_CB]],
  ['RTT', CbFlag.RTT, [Op.RTT_CB]],
  ['PARSE_ALL_HDR_OPT', CbFlag.PARSE_ALL_HDR_OPT, [Op.PARSE_HDR_OPT_CB]],
  ['PARSE_UNKNOWN_HDR_OPT', CbFlag.PARSE_UNKNOWN_HDR_OPT, [Op.PARSE_HDR_OPT_CB]],
  ['WRITE_HDR_OPT', CbFlag.WRITE_HDR_OPT, [Op.HDR_OPT_LEN_CB]],
] as const) {
  test(`${name} makes the ops that it gates happen, and no other`, async (t) => {
    const scene = await KernelScene.use(t, { tools: ['clang'] });
    if (scene === undefined) return;
    const observed = scene.cgroup.child('observed');
    const other = scene.cgroup.child('other');
    observed.add(scene.server.pid);
    other.add(scene.client.pid);
    // The client's segments carry an option that the kernel does not know.
    SockOpsProgram.attach(t, 'option-writer', other);
    // It counts what the kernel calls the hook for: nothing that our program could hide.
    const witness = SockOpsProgram.attach(t, 'op-counter', observed);
    const live = await LiveRun.start(t, observed, {
      ops: [...UNGATED, ...gated],
      cbFlags: flag,
      rtt: gated.some((op) => op === Op.RTT_CB) ? 'raw' : 'off',
    });
    const server = await makeEverythingHappen(scene);
    const { ledger } = await live.stop();
    const counted = witness.counts();
    const seen = ledger.source?.counts.reduce((sum, counts) => sum + counts.seen, 0);
    assert.equal(
      seen,
      counted.reduce((sum, count) => sum + count, 0),
      'calls of the hook',
    );
    const happened = counted.flatMap((count, op) => (count > 0 ? [op] : []));
    assert.deepEqual(namesOf(happened), namesOf([...UNGATED, ...gated]));
    for (const op of happened) {
      const told = live.events.filter((event) => event.op === OP_NAMES[op]);
      assert.equal(told.length, counted[op], OP_NAMES[op]);
    }
    const flags = new Set(
      live.events
        .filter((event) => event.isFullsock && event.remotePort === server.remotePort)
        .map((event) => event.cbFlags),
    );
    assert.deepEqual(flags, new Set([flag === 0 ? '' : name]));
  });
}

/** Traffic that has something for each flag at the server's end: loss, round trips, changes of state, options. */
async function makeEverythingHappen(scene: KernelScene): Promise<Ports> {
  const { a, b } = scene;
  const listener = await scene.echo();
  const joined = await scene.join(listener);
  await joined.near.exchange(3, MESSAGE_BYTES);
  a.drop(`tcp sport ${listener.port}`);
  const answered = joined.near.exchange(1, MESSAGE_BYTES);
  await until('a timeout at the server', () => {
    const [socket] = b.sockets(`sport = :${listener.port} and dport = :${joined.near.localPort}`);
    return (socket?.numbers['backoff'] ?? 0) > 0 && (socket?.totalRetrans ?? 0) > 0;
  });
  a.clearRules();
  await answered;
  await scene.close(joined);
  await until(
    'the server to forget it',
    () => b.sockets(`sport = :${listener.port} and dport = :${joined.near.localPort}`).length === 0,
  );
  return joined.far;
}

function namesOf(ops: readonly number[]): string[] {
  return ops.map((op) => OP_NAMES[op] ?? String(op)).toSorted();
}

test('flags of another program on the same sockets are kept', async (t) => {
  const scene = await KernelScene.use(t, { tools: ['clang'] });
  if (scene === undefined) return;
  SockOpsProgram.attach(t, 'option-writer', scene.cgroup);
  const live = await LiveRun.start(t, scene.cgroup, { ops: [Op.STATE_CB], rtt: 'off' });
  const joined = await scene.join(await scene.echo());
  await joined.near.exchange(1, 100);
  await scene.close(joined);
  await live.find('the end of the client', isClosed(joined.near));
  await live.find('the end of the server', isClosed(joined.far));
  await live.stop();
  const { client, server } = endsOf(live.events, joined);
  for (const event of [...client, ...server]) assert.equal(event.cbFlags, 'STATE|WRITE_HDR_OPT');
});
