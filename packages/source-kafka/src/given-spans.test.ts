import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import type { RecordsBatch } from '@platformatic/kafka';
import * as fc from 'fast-check';

import { GivenSpans } from './given-spans.ts';
import { LanePartition } from './lane-partition.ts';

const CONTROL = 1 << 5;

/** A batch with records at these offsets from its first. */
function batchOf(firstOffset: number, deltas: readonly number[], more: object = {}): RecordsBatch {
  const last = deltas.at(-1) ?? 0;
  return {
    firstOffset: BigInt(firstOffset),
    lastOffsetDelta: last,
    attributes: 0,
    maxTimestamp: 5n,
    records: deltas.map((offsetDelta) => ({ offsetDelta, length: 10 })),
    ...more,
  } as unknown as RecordsBatch;
}

function takeAll(partition: LanePartition): number[] {
  const offsets: number[] = [];
  while (partition.peek() !== undefined) {
    offsets.push(partition.peekedOffset);
    partition.take();
  }
  return offsets;
}

describe('a partition', () => {
  test('begins at its offset inside a batch, passes over gaps and ends of transactions, and keeps what it needs no more of no bytes', () => {
    const partition = new LanePartition('t', 0, 12, Infinity);
    partition.enqueue([batchOf(10, [0, 2, 5]), batchOf(16, [0], { attributes: CONTROL })]);
    assert.deepEqual([partition.fetched, partition.queuedBytes], [17, 30]);
    // The same once more, as a second fetch may bring it.
    partition.enqueue([batchOf(10, [0, 2, 5]), batchOf(17, [0, 1])]);
    assert.deepEqual(takeAll(partition), [12, 15, 17, 18]);
    assert.deepEqual([partition.taken, partition.queuedBytes], [19, 0]);
  });

  test('ends before the end that it was given, also where no record lies right before that', () => {
    const partition = new LanePartition('t', 0, 0, 5);
    partition.enqueue([batchOf(0, [0, 3, 6])]);
    assert.deepEqual(takeAll(partition), [0, 3]);
    assert.deepEqual([partition.taken, partition.isAtEnd], [5, true]);
  });

  test('commits nothing behind a dead letter that is under way', () => {
    const partition = new LanePartition('t', 0, 0, Infinity);
    partition.acked = 9;
    for (const offset of [4, 7]) partition.holdForDeadLetter(offset);
    assert.equal(partition.committable, 4);
    partition.deadLetterIsAcknowledged(4);
    assert.equal(partition.committable, 7);
    partition.deadLetterIsAcknowledged(7);
    assert.deepEqual([partition.committable, partition.isDirty], [9, true]);
    partition.takeAway();
    assert.equal(partition.isDirty, false);
  });
});

describe('spans that were given', () => {
  test('turn "so many are done with" into offsets, whatever is passed over in between', () => {
    const step = fc.oneof(
      fc.record({
        act: fc.constant('give'),
        of: fc.nat(2),
        records: fc.integer({ min: 1, max: 3 }),
      }),
      fc.record({
        act: fc.constant('pass'),
        of: fc.nat(2),
        records: fc.integer({ min: 1, max: 3 }),
      }),
      fc.record({ act: fc.constant('empty'), of: fc.nat(2), records: fc.constant(0) }),
      fc.record({ act: fc.constant('acknowledge'), of: fc.nat(2), records: fc.nat(3000) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 3000 }), (steps) => {
        const partitions = [0, 1, 2].map((index) => new LanePartition('t', index, 0, Infinity));
        const spans = new GivenSpans();
        // The model: of each record, in its order, the span that it waits for; none for what was passed over.
        const records: (number | undefined)[][] = [[], [], []];
        let given = 0;
        let acknowledged = 0;
        for (const { act, of, records: count } of steps) {
          const partition = partitions[of] as LanePartition;
          if (act === 'acknowledge') {
            acknowledged = Math.max(acknowledged, Math.min(count, given));
            spans.acknowledge(count);
          } else if (act === 'empty') {
            spans.giveEmpty();
            given++;
          } else {
            partition.taken += count;
            for (let own = 0; own < count; own++) {
              records[of]?.push(act === 'give' ? given : undefined);
            }
            if (act === 'give') {
              spans.give(partition);
              given++;
            } else {
              spans.passOver(partition);
            }
          }
          for (const [index, own] of records.entries()) {
            const waiting = own.findIndex((span) => span !== undefined && span >= acknowledged);
            assert.equal(partitions[index]?.acked, waiting === -1 ? own.length : waiting);
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  test('move nothing of a partition that goes on elsewhere since', () => {
    const before = new LanePartition('t', 0, 0, Infinity);
    const spans = new GivenSpans();
    before.taken = 90;
    spans.give(before);
    before.holdForDeadLetter(40);
    const after = before.startAgainAt(20);
    assert.deepEqual([after.fetched, after.taken, after.highWatermark], [20, 20, Infinity]);
    after.taken = 25;
    spans.give(after);
    spans.acknowledge(1);
    assert.deepEqual([after.acked, after.committable, after.isDirty], [20, 20, false]);
    before.deadLetterIsAcknowledged(40);
    assert.equal(before.isDirty, false);
    spans.acknowledge(2);
    assert.deepEqual([after.committable, after.isDirty], [25, true]);
  });

  test('are forgotten once they are done with, and numbered on all the same', () => {
    const partition = new LanePartition('t', 0, 0, Infinity);
    const spans = new GivenSpans();
    for (let span = 0; span < 5000; span++) {
      partition.taken++;
      spans.give(partition);
      if (span % 700 === 699) spans.acknowledge(span - 100);
      assert.equal(spans.given, span + 1);
    }
    assert.equal(partition.acked, 4899 - 100);
    spans.acknowledge(5000);
    assert.deepEqual([partition.acked, spans.unacknowledged], [5000, 0]);
  });
});
