import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type CapturedSegment, PacketCapture, until } from '@sockflow/test-support';
import { type EventObject, Op } from 'sockflow';

import { assertAsSs } from './assert-as-ss.ts';
import { eventsOf, isClosed, isOf, ofOp, only } from './events-of.ts';
import { KernelScene } from './kernel-scene.ts';
import { LiveRun } from './live-run.ts';

const OPS = [Op.RTO_CB, Op.RETRANS_CB, Op.STATE_CB];
const MESSAGE_BYTES = 400;
const BULK_BYTES = 200_000;

/** Sequence numbers of segments with data that had been on the wire before. */
function repeatedSeqs(segments: readonly CapturedSegment[]): number[] {
  const sent = new Set<number>();
  return segments
    .filter(({ payloadBytes }) => payloadBytes > 0)
    .filter(({ seq }) => sent.has(seq) || !sent.add(seq))
    .map(({ seq }) => seq);
}

for (const [what, lose] of [
  ['one in five', (scene: KernelScene, match: string) => scene.b.dropOneIn(match, 5)],
  [
    'one in five by chance',
    (scene: KernelScene, match: string) => scene.b.dropRandomly(match, 0.2),
  ],
] as const) {
  test(`each segment sent again for the loss of ${what} is a RETRANS_CB with its number`, async (t) => {
    const scene = await KernelScene.use(t);
    if (scene === undefined) return;
    const { a } = scene;
    const live = await LiveRun.start(t, scene.cgroup, { ops: OPS, rtt: 'off' });
    const listener = await scene.echo();
    const joined = await scene.join(listener);
    const capture = await PacketCapture.start(t, a, `src port ${joined.near.localPort}`);
    lose(scene, `tcp dport ${listener.port}`);
    // Small messages that wait for each other: a segment each, so that what is repeated is repeated whole.
    for (let tries = 0; repeatedSeqs(capture.segments()).length < 3; tries++) {
      assert.ok(tries < 20, 'nothing was lost');
      await joined.near.exchange(10, MESSAGE_BYTES);
    }
    scene.b.clearRules();
    await joined.near.exchange(2, MESSAGE_BYTES);
    const [socket] = a.sockets(`sport = :${joined.near.localPort}`);
    const repeated = repeatedSeqs(await capture.stop());
    const isRetransmit = (event: EventObject) =>
      event.op === 'RETRANS_CB' && isOf(joined.near)(event);
    const events = await live.count('retransmissions', repeated.length, isRetransmit);
    await scene.close(joined);
    await live.stop();
    assert.deepEqual(
      events.map(({ retransSeq }) => retransSeq),
      repeated,
    );
    const segs = events.reduce((sum, { retransSegs = 0 }) => sum + retransSegs, 0);
    assert.equal(segs, socket?.totalRetrans);
    for (const event of events) assert.equal(event.retransError, 0);
    // The counter was moved on before the callback.
    assert.equal(events.at(-1)?.totalRetrans, segs);
  });
}

test('a link that goes down is told as timeouts, each twice as long, and what lies unacknowledged', async (t) => {
  const scene = await KernelScene.use(t);
  if (scene === undefined) return;
  const { a, b } = scene;
  const live = await LiveRun.start(t, scene.cgroup, { ops: OPS, rtt: 'off' });
  const joined = await scene.join(await scene.echo());
  await joined.near.exchange(3, MESSAGE_BYTES);
  const near = () => only(a.sockets(`sport = :${joined.near.localPort}`));
  await until('quiet', () => near().numbers['unacked'] === undefined);
  const { rtoUs } = near();
  b.setLink('down');
  await joined.near.send(MESSAGE_BYTES);
  const isTimeout = (event: EventObject) => event.op === 'RTO_CB' && isOf(joined.near)(event);
  const timeouts = await live.count('timeouts', 3, isTimeout);
  assert.equal(timeouts[0]?.rtoUs, rtoUs, 'the timeout that ss told before');
  for (const [index, event] of timeouts.entries()) {
    assert.equal(event.retransmits, index);
    assert.equal(event.isExpired, false);
    assert.equal(event.packetsOut, 1);
    if (index > 0) {
      const times = Number(event.rtoJiffies) / Number(timeouts[index - 1]?.rtoJiffies);
      assert.ok(Math.abs(times - 2) < 0.05, `${times} times as long`);
    }
  }
  // The segment lies in the sender's own queue: nothing was sent again yet.
  assert.equal(ofOp(eventsOf(live.events, joined.near), 'RETRANS_CB').length, 0);
  b.setLink('up');
  await joined.near.receive(4 * MESSAGE_BYTES);
  await scene.close(joined);
  await live.stop();
});

test('what is in flight when a socket closes is counted as ss counts it', async (t) => {
  const scene = await KernelScene.use(t);
  if (scene === undefined) return;
  const { a } = scene;
  const live = await LiveRun.start(t, scene.cgroup, { ops: OPS, rtt: 'off' });
  const listener = await scene.echo();
  // A probe of the kernel's may come in between: then once more.
  for (let tries = 0; ; tries++) {
    const joined = await scene.join(listener);
    await joined.near.exchange(3, MESSAGE_BYTES);
    scene.b.drop(`tcp dport ${listener.port}`);
    for (let sent = 0; sent < 4; sent++) await joined.near.send(MESSAGE_BYTES);
    const before = only(a.sockets(`sport = :${joined.near.localPort}`));
    await joined.near.destroy();
    const closing = await live.find(
      'the close',
      (event) => isOf(joined.near)(event) && event.newState === 'FIN_WAIT1',
    );
    scene.b.clearRules();
    const isSame =
      eventsOf(live.events, joined.near).filter(({ op }) => op === 'RETRANS_CB').length ===
      before.totalRetrans;
    if (!isSame && tries < 5) continue;
    assert.equal(before.numbers['unacked'], 4);
    assertAsSs(closing, before);
    break;
  }
  await live.stop();
  assert.ok(ofOp(live.events, 'STATE_CB').length > 0);
});

test('a segment that is missing among others is sent again at once, with what came behind it acknowledged', async (t) => {
  const scene = await KernelScene.use(t);
  if (scene === undefined) return;
  const live = await LiveRun.start(t, scene.cgroup, { ops: OPS, rtt: 'off' });
  const listener = await scene.echo();
  // A machine that is too busy to send the others before the timeout: then once more.
  for (let tries = 0; ; tries++) {
    const joined = await scene.join(listener);
    await joined.near.exchange(3, MESSAGE_BYTES);
    const filter = `src port ${joined.near.localPort}`;
    const capture = await PacketCapture.start(t, scene.a, filter);
    // The first segment with data, and then not for long.
    const match = `tcp sport ${joined.near.localPort} meta length > ${MESSAGE_BYTES}`;
    scene.b.addRule(match, 'numgen inc mod 1000 == 0 drop');
    for (let sent = 0; sent < 8; sent++) await joined.near.send(MESSAGE_BYTES);
    await joined.near.receive(11 * MESSAGE_BYTES);
    await scene.close(joined);
    await live.find('the end', isClosed(joined.near));
    scene.b.clearRules();
    const data = (await capture.stop()).filter(({ payloadBytes }) => payloadBytes > 0);
    const events = eventsOf(live.events, joined.near);
    if (ofOp(events, 'RTO_CB').length > 0 && tries < 5) continue;
    assertSentAtOnce(events, data);
    break;
  }
  await live.stop();
});

function assertSentAtOnce(events: readonly EventObject[], data: readonly CapturedSegment[]): void {
  assert.deepEqual(ofOp(events, 'RTO_CB'), []);
  const again = only(ofOp(events, 'RETRANS_CB'));
  const missing = data[0]?.seq;
  assert.deepEqual([missing], repeatedSeqs(data));
  assert.deepEqual([again.retransSeq, again.retransSegs, again.sndUna], [missing, 1, missing]);
  // It is in the connection's total already; as in flight it counts after the callback.
  assert.deepEqual([again.lostOut, again.retransOut, again.totalRetrans], [1, 0, 1]);
  assert.ok(Number(again.sackedOut) >= 1 && Number(again.sackedOut) < Number(again.packetsOut));
}

test('what a large transfer loses is counted segment by segment, as ss counts it', async (t) => {
  const scene = await KernelScene.use(t);
  if (scene === undefined) return;
  const { a, b } = scene;
  const live = await LiveRun.start(t, scene.cgroup, { ops: OPS, rtt: 'off' });
  const listener = await scene.server.listen({ host: b.ip4 });
  const joined = await scene.join(listener);
  const capture = await PacketCapture.start(t, a, `src port ${joined.near.localPort}`);
  b.dropRandomly(`tcp dport ${listener.port}`, 0.05);
  let bytes = 0;
  for (let tries = 0; tries === 0 || only(own()).totalRetrans < 10; tries++) {
    assert.ok(tries < 50, 'too little was lost');
    bytes = await joined.near.send(BULK_BYTES);
    await joined.far.receive(bytes);
  }
  b.clearRules();
  const isAcked = (): boolean => only(own()).numbers['bytes_acked'] === bytes + 1;
  await until('all of it to be acknowledged', isAcked);
  const quiet = only(own());
  await joined.near.end();
  await joined.far.end();
  const isClosing = (event: EventObject): boolean =>
    isOf(joined.near)(event) && event.newState === 'FIN_WAIT1';
  const closing = await live.find('the close', isClosing);
  await live.stop();
  assertAsSs(closing, quiet);
  const repeats = ofOp(eventsOf(live.events, joined.near), 'RETRANS_CB');
  const segs = repeats.reduce((sum, { retransSegs = 0 }) => sum + retransSegs, 0);
  assert.equal(segs, quiet.totalRetrans);
  const wire = await capture.stop();
  const starts = new Set(wire.map(({ seq }) => seq));
  for (const { retransSeq } of repeats) assert.ok(starts.has(retransSeq ?? -1), `${retransSeq}`);

  function own() {
    return a.sockets(`sport = :${joined.near.localPort}`);
  }
});
