import assert from 'node:assert/strict';
import { test } from 'node:test';

import { until } from '@sockflow/test-support';
import { type EventObject, Op, RTT_BUCKETS } from 'sockflow';

import { endsOf, isClosed } from './events-of.ts';
import { KernelScene } from './kernel-scene.ts';
import { LiveRun } from './live-run.ts';

/** Bucket of a sample: 0 below 16 us, i from 2^(i+3) us on. */
function bucketOf(us: number): number {
  return Math.max(0, Math.floor(Math.log2(Math.max(us, 1))) - 3);
}

test('RTT samples move the smoothed RTT to where ss sees it', async (t) => {
  const scene = await KernelScene.use(t);
  if (scene === undefined) return;
  const { a } = scene;
  const live = await LiveRun.start(t, scene.cgroup, { ops: [Op.RTT_CB] });
  const joined = await scene.join(await scene.echo());
  // One message at a time: each acknowledgement ends a round trip, so each is a sample.
  await joined.near.exchange(30, 100);
  const socket = await until('the last acknowledgement', () => {
    const [near] = a.sockets(`sport = :${joined.near.localPort}`);
    return near?.numbers['bytes_acked'] === 3001 ? near : undefined;
  });
  const isLast = (event: EventObject) =>
    event.localPort === joined.near.localPort && event.bytesAcked === 3001;
  await live.find('the last sample', isLast);
  await live.stop();
  const { client, server } = endsOf(live.events, joined);
  assert.ok(client.every(({ op }) => op === 'RTT_CB') && server.every(({ op }) => op === 'RTT_CB'));
  assert.ok(
    client.length >= 30 && server.length >= 30,
    `${client.length} and ${server.length} samples`,
  );
  assert.equal(client.at(-1)?.newSrttUs, socket.rttUs);
  assert.equal(Math.min(...client.map(({ mrttUs = 0 }) => mrttUs)), socket.minRttUs);
  assert.equal(client[0]?.srttUs, 0);
  assert.equal(client[0]?.newSrttUs, client[0]?.mrttUs);
  for (const [index, event] of client.entries()) {
    if (index > 0)
      assert.equal(event.srttUs, client[index - 1]?.newSrttUs, 'where the last sample left it');
  }
});

test('folded samples are the raw ones: as many, their least, greatest and sum, in their buckets', async (t) => {
  const scene = await KernelScene.use(t);
  if (scene === undefined) return;
  // Two sources at once on the same sockets: one folds what the other tells one by one.
  const raw = await LiveRun.start(t, scene.cgroup, { ops: [Op.RTT_CB, Op.STATE_CB] });
  const folded = await LiveRun.start(t, scene.cgroup, {
    ops: [Op.STATE_CB],
    rtt: 'folded',
    rttIntervalMs: 20,
  });
  const listener = await scene.echo();
  const joined = await scene.join(listener);
  for (let round = 0; round < 5; round++) {
    await joined.near.exchange(20, 200);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  await scene.close(joined);
  for (const live of [raw, folded]) {
    await live.find('the end of the client', isClosed(joined.near));
    await live.find('the end of the server', isClosed(joined.far));
    await live.stop();
  }
  for (const end of ['client', 'server'] as const) {
    const samples = endsOf(raw.events, joined)[end].filter(({ op }) => op === 'RTT_CB');
    const ours = endsOf(folded.events, joined)[end];
    const summaries = ours.filter(({ kind }) => kind === 'RTT_SUMMARY');
    assert.ok(ours.every(({ op }) => op !== 'RTT_CB'));
    assert.ok(
      summaries.length >= 3 && summaries.length < samples.length,
      `${summaries.length} summaries`,
    );
    const us = samples.map(({ mrttUs = 0 }) => mrttUs);
    const sumOf = (name: 'rttCount' | 'rttSumUs') =>
      summaries.reduce((sum, event) => sum + Number(event[name]), 0);
    assert.equal(sumOf('rttCount'), samples.length);
    assert.equal(
      sumOf('rttSumUs'),
      us.reduce((sum, one) => sum + one, 0),
    );
    assert.equal(Math.min(...summaries.map(({ rttLowUs = 0 }) => rttLowUs)), Math.min(...us));
    assert.equal(Math.max(...summaries.map(({ rttHighUs = 0 }) => rttHighUs)), Math.max(...us));
    const buckets = Array.from({ length: RTT_BUCKETS }, () => 0);
    for (const one of us) buckets[bucketOf(one)]! += 1;
    const told = buckets.map((_, index) =>
      summaries.reduce((sum, { rttBuckets = [] }) => sum + (rttBuckets[index] ?? 0), 0),
    );
    assert.deepEqual(told, buckets);
    const owner: number = end === 'client' ? scene.client.pid : scene.server.pid;
    for (const event of summaries) assert.equal(event.ownerPid, owner);
  }
});
