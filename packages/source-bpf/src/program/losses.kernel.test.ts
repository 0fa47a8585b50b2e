import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { Kind, Op } from '@sockflow/core';
import { requireKernel } from '@sockflow/test-support';

import { ADDON_NEEDS } from '../native/native-kit.test.support.ts';
import { balanceOf, type CopiedSlot, EventProgram, RAW } from './event-program.test.support.ts';

const GAP_START_OFFSET = 144;
const LOST_RING_FULL_OFFSET = 152;
const LOST_SHED_FIRST_OFFSET = 160;
const LOST_SHED_LAST_OFFSET = 168;
const SLOT_BYTES = 256;
const KEEP_ALL = 1 << 24;

function toldBy(markers: readonly CopiedSlot[], offset: number): number {
  return markers.reduce((sum, marker) => sum + Number(marker.u64(offset)), 0);
}

function markersOf(slots: readonly CopiedSlot[]): CopiedSlot[] {
  return slots.filter(({ kind }) => kind === Kind.LOSS_MARKER);
}

/** B1 and B4. */
function assertAccounted(program: EventProgram, markers: readonly CopiedSlot[]): void {
  const { first, last, gap } = program.counters();
  for (const fates of [first, last]) assert.equal(...balanceOf(fates));
  assert.equal(first.lost + last.lost, toldBy(markers, LOST_RING_FULL_OFFSET) + gap.ringFull);
  assert.equal(first.shed, toldBy(markers, LOST_SHED_FIRST_OFFSET) + gap.shedFirst);
  assert.equal(last.shed, toldBy(markers, LOST_SHED_LAST_OFFSET) + gap.shedLast);
}

describe('what a ring has no room for', () => {
  test('is held by the gap, then told by a marker before the event that follows', async (t) => {
    if (!requireKernel(t, ADDON_NEEDS)) return;
    const program = await EventProgram.use(t, { rttMode: RAW, ringBytes: 4096 });
    await program.talk(3, 20);
    const before = program.counters();
    assert.ok(before.first.lost > 0 && before.last.lost > 0);
    assert.ok(before.gap.startNs > 0n);
    const early = program.drain();
    assert.deepEqual(markersOf(early), [], 'there was no room for one either');
    assert.equal(before.gap.ringFull, before.first.lost + before.last.lost);

    await program.talk(1, 0);
    program.source.detach();
    const late = program.drain();
    const [marker] = late;
    assert.equal(marker?.kind, Kind.LOSS_MARKER);
    assert.equal(marker?.u64(GAP_START_OFFSET), before.gap.startNs);
    assert.ok((early.at(-1)?.timeNs ?? 0n) <= before.gap.startNs);
    assert.equal(Number(marker?.u64(LOST_RING_FULL_OFFSET)), before.gap.ringFull);
    assertAccounted(program, markersOf([...early, ...late]));
  });

  test('is accounted for to the unit however often the ring fills and empties', async (t) => {
    if (!requireKernel(t, ADDON_NEEDS)) return;
    const program = await EventProgram.use(t, { rttMode: RAW, ringBytes: 4096 });
    const slots: CopiedSlot[] = [];
    for (let turn = 0; turn < 20; turn++) {
      await program.talk(1, 3 * turn);
      slots.push(...program.drain());
    }
    program.source.detach();
    slots.push(...program.drain());
    const markers = markersOf(slots);
    assert.ok(markers.length > 5);
    assert.equal(program.counters().madeByKind[Kind.LOSS_MARKER], markers.length);
    assertAccounted(program, markers);
  });
});

describe('shedding', () => {
  test('gives up whole connections of the first class, by their sample bits, and none of the last', async (t) => {
    if (!requireKernel(t, ADDON_NEEDS)) return;
    const ringBytes = 65536;
    const [fromBytes, allBytes] = [4096, 40_960];
    const program = await EventProgram.use(t, {
      rttMode: RAW,
      ringBytes,
      shedFirst: [fromBytes, allBytes],
      shedLast: [ringBytes, ringBytes],
      opsMask: (1n << BigInt(Op.RTT_CB)) | (1n << BigInt(Op.TCP_CONNECT_CB)),
    });
    await program.talk(40, 8);
    program.source.detach();
    const slots = program.drain();
    const { first, last } = program.counters();
    assert.ok(first.shed > 0 && first.submitted > 0);
    assert.equal(last.shed, 0);
    assert.equal(slots.filter(({ op }) => op === Op.TCP_CONNECT_CB).length, 40);
    assertAccounted(program, markersOf(slots));
    for (const [index, slot] of slots.entries()) {
      if (slot.op !== Op.RTT_CB) continue;
      // A marker directly before it was put there after the decision.
      const hasMarker = slots[index - 1]?.kind === Kind.LOSS_MARKER;
      const usedBytes = slot.startBytes - (hasMarker ? SLOT_BYTES : 0);
      if (usedBytes <= fromBytes) continue;
      const keptBelow = (KEEP_ALL * (allBytes - usedBytes)) / (allBytes - fromBytes);
      assert.ok(slot.sampleBits < keptBelow, `${slot.sampleBits} at ${usedBytes} bytes`);
    }
  });
});
