import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { Kind, Op, RTT_BUCKETS, TcpState } from '@sockflow/core';
import { requireKernel } from '@sockflow/test-support';

import { ADDON_NEEDS } from '../native/native-kit.test.support.ts';
import { balanceOf, type CopiedSlot, EventProgram, FOLDED } from './event-program.test.support.ts';

const RING_BYTES = 1 << 20;
const RTT_SUM_OFFSET = 144;
const RTT_COUNT_OFFSET = 152;
const RTT_LOW_OFFSET = 156;
const RTT_HIGH_OFFSET = 160;
const RTT_BUCKETS_OFFSET = 164;

function summariesOf(slots: readonly CopiedSlot[]): CopiedSlot[] {
  return slots.filter(({ kind }) => kind === Kind.RTT_SUMMARY);
}

function samplesOf(summaries: readonly CopiedSlot[]): number {
  return summaries.reduce((sum, slot) => sum + slot.u32(RTT_COUNT_OFFSET), 0);
}

/** The bucket of a sample, as kind-fields.ts defines it. */
function bucketOf(rttUs: number): number {
  return rttUs < 16 ? 0 : Math.min(RTT_BUCKETS - 1, Math.floor(Math.log2(rttUs)) - 3);
}

function assertSummaryIsSound(summary: CopiedSlot): void {
  const buckets = Array.from({ length: RTT_BUCKETS }, (_, index) =>
    summary.u32(RTT_BUCKETS_OFFSET + index * 4),
  );
  const count = summary.u32(RTT_COUNT_OFFSET);
  const sumUs = Number(summary.u64(RTT_SUM_OFFSET));
  const lowUs = summary.u32(RTT_LOW_OFFSET);
  const highUs = summary.u32(RTT_HIGH_OFFSET);
  assert.equal(
    buckets.reduce((sum, samples) => sum + samples, 0),
    count,
  );
  assert.ok(lowUs * count <= sumUs && sumUs <= highUs * count, `${lowUs} ${sumUs} ${highUs}`);
  const used = buckets.flatMap((samples, index) => (samples > 0 ? [index] : []));
  assert.deepEqual([used.at(0), used.at(-1)], [bucketOf(lowUs), bucketOf(highUs)]);
}

describe('RTT samples that are folded', () => {
  test('are told when their socket closes, before the close itself, each of them', async (t) => {
    if (!requireKernel(t, ADDON_NEEDS)) return;
    const program = await EventProgram.use(t, { rttMode: FOLDED, ringBytes: RING_BYTES });
    await program.talk(5, 40);
    program.source.detach();
    const slots = program.drain();
    const summaries = summariesOf(slots);
    assert.equal(summaries.length, 10, 'one for each end');
    for (const summary of summaries) {
      assertSummaryIsSound(summary);
      const next = slots
        .slice(slots.indexOf(summary) + 1)
        .find(({ cookie }) => cookie === summary.cookie);
      assert.deepEqual([next?.op, next?.arg1], [Op.STATE_CB, TcpState.CLOSE]);
    }
    const { first, last, summarised, madeByKind } = program.counters();
    assert.ok(first.folded >= 5 * 40);
    assert.equal(first.folded, samplesOf(summaries));
    assert.equal(summarised, first.folded);
    assert.equal(madeByKind[Kind.RTT_SUMMARY], 10);
    assert.equal(slots.filter(({ op }) => op === Op.RTT_CB).length, 0);
    for (const fates of [first, last]) assert.equal(...balanceOf(fates));
  });

  test('are told although the op of the close is not asked for', async (t) => {
    if (!requireKernel(t, ADDON_NEEDS)) return;
    const program = await EventProgram.use(t, {
      rttMode: FOLDED,
      ringBytes: RING_BYTES,
      opsMask: 0n,
    });
    await program.talk(2, 10);
    program.source.detach();
    const slots = program.drain();
    assert.equal(summariesOf(slots).length, slots.length);
    assert.equal(samplesOf(slots), program.counters().first.folded);
  });

  test('are told no more often than the interval says', async (t) => {
    if (!requireKernel(t, ADDON_NEEDS)) return;
    const foldIntervalNs = 20_000_000n;
    const program = await EventProgram.use(t, {
      rttMode: FOLDED,
      ringBytes: RING_BYTES,
      foldIntervalNs,
    });
    const listener = await program.traffic.listen({ host: '127.0.0.1', echo: true });
    const connection = await program.traffic.connect({ host: '127.0.0.1', port: listener.port });
    for (const endMs = Date.now() + 200; Date.now() < endMs;) await connection.exchange(20, 100);
    program.source.detach();
    const byCookie = groupByCookie(program.drain());
    const told = [...byCookie.values()].filter((summaries) => summaries.length > 1);
    assert.ok(told.length > 0, 'a socket told several times');
    for (const summaries of told) {
      for (const [index, summary] of summaries.entries()) {
        assertSummaryIsSound(summary);
        const before = summaries[index - 1];
        if (before !== undefined) assert.ok(summary.timeNs - before.timeNs >= foldIntervalNs);
      }
    }
    await connection.destroy();
    await listener.close();
  });

  test('of sockets that live on are told at the end', async (t) => {
    if (!requireKernel(t, ADDON_NEEDS)) return;
    const program = await EventProgram.use(t, { rttMode: FOLDED, ringBytes: RING_BYTES });
    const listener = await program.traffic.listen({ host: '127.0.0.1', echo: true });
    const connection = await program.traffic.connect({ host: '127.0.0.1', port: listener.port });
    await connection.exchange(30, 100);
    program.source.detach();
    assert.equal(summariesOf(program.drain()).length, 0);
    const { first, summarised } = program.counters();
    assert.ok(first.folded >= 30);
    assert.equal(summarised, 0);
    assert.equal(program.source.flush([], false).summaries, true);
    const flushed = program.drain();
    for (const summary of flushed) assertSummaryIsSound(summary);
    assert.equal(samplesOf(flushed), first.folded);
    assert.equal(program.counters().summarised, first.folded);
    await connection.destroy();
    await listener.close();
  });

  test('are filtered where no output takes summaries, and then not kept', async (t) => {
    if (!requireKernel(t, ADDON_NEEDS)) return;
    const kindsMask = 0xff & ~(1 << Kind.RTT_SUMMARY);
    const program = await EventProgram.use(t, {
      rttMode: FOLDED,
      ringBytes: RING_BYTES,
      kindsMask,
    });
    await program.talk(1, 20);
    program.source.detach();
    const { first, madeByKind } = program.counters();
    assert.equal(first.folded, 0);
    assert.ok(first.filtered >= 20);
    assert.equal(madeByKind[Kind.RTT_SUMMARY], 0);
    assert.equal(...balanceOf(first));
  });
});

function groupByCookie(slots: readonly CopiedSlot[]): Map<bigint, CopiedSlot[]> {
  const groups = new Map<bigint, CopiedSlot[]>();
  for (const slot of summariesOf(slots)) {
    groups.set(slot.cookie, [...(groups.get(slot.cookie) ?? []), slot]);
  }
  return groups;
}
