import assert from 'node:assert/strict';
import { test } from 'node:test';

import { PacketCapture } from '@sockflow/test-support';
import { Op } from 'sockflow';

import { eventsOf, isOf } from './events-of.ts';
import { KernelScene } from './kernel-scene.ts';
import { LiveRun } from './live-run.ts';

const SENDS = 8;
const MESSAGE_BYTES = 300;
/** Op 18 needs hardware that stamps: see every-op.test.ts. */
const STAGES = ['TSTAMP_SENDMSG_CB', 'TSTAMP_SCHED_CB', 'TSTAMP_SND_SW_CB', 'TSTAMP_ACK_CB'];

test('each sendmsg is stamped on its way down and when it is acknowledged, under the number of its last byte', async (t) => {
  const scene = await KernelScene.use(t, { features: ['time-stamps'] });
  if (scene === undefined) return;
  const ops = [
    Op.TSTAMP_SCHED_CB,
    Op.TSTAMP_SND_SW_CB,
    Op.TSTAMP_SND_HW_CB,
    Op.TSTAMP_ACK_CB,
    Op.TSTAMP_SENDMSG_CB,
  ];
  const live = await LiveRun.start(t, scene.cgroup, { ops, rtt: 'off' });
  const joined = await scene.join(await scene.echo());
  const capture = await PacketCapture.start(t, scene.a, `src port ${joined.near.localPort}`);
  await joined.near.exchange(SENDS, MESSAGE_BYTES);
  const isAck = isOf(joined.near);
  await live.count(
    'acknowledgements',
    SENDS,
    (event) => isAck(event) && event.op === 'TSTAMP_ACK_CB',
  );
  await scene.close(joined);
  await live.stop();
  const stamps = eventsOf(live.events, joined.near);
  const data = (await capture.stop()).filter(({ payloadBytes }) => payloadBytes > 0);
  assert.equal(data.length, SENDS);
  const keys = data.map(({ seq, payloadBytes }) => (seq + payloadBytes - 1) >>> 0);
  for (const stage of STAGES) {
    assert.deepEqual(
      stamps.filter(({ op }) => op === stage).map(({ tskey }) => tskey),
      keys,
      stage,
    );
  }
  assert.equal(stamps.length, SENDS * STAGES.length);
  for (const key of keys) {
    const own = stamps.filter(({ tskey }) => tskey === key);
    assert.deepEqual(
      own.map(({ op }) => op),
      STAGES,
    );
    for (const [index, event] of own.entries()) {
      if (index > 0) assert.ok(event.tsNs > (own[index - 1]?.tsNs ?? 0n));
      // The program runs without the lock of the socket: no metrics, rather than zeros.
      assert.deepEqual(
        [event.sndCwnd, event.srttUs, event.cbFlags],
        [undefined, undefined, undefined],
      );
      assert.equal(event.ownerPid, scene.client.pid);
    }
  }
});
