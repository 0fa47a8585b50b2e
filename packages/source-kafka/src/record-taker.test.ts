import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import type { KafkaRecord, RecordsBatch } from '@platformatic/kafka';
import { type LaneCounter, SLOT_BYTES, walkSlots } from '@sockflow/core';
import * as fc from 'fast-check';

import { LanePartition } from './lane-partition.ts';
import { packedRecords, slotHeaders } from './packed-records.test.support.ts';
import { RecordTaker } from './record-taker.ts';

const ORIGIN = '{"id":"a"}';
const VALUE = packedRecords('t', 1, 4).messages[0]?.value as Buffer;

function partitionOf(
  values: readonly (Buffer | null)[],
  headers = slotHeaders(ORIGIN),
): LanePartition {
  const partition = new LanePartition('t', 3, 0, Infinity);
  const records = values.map((value, offsetDelta) => ({
    offsetDelta,
    value,
    key: null,
    length: value?.length ?? 0,
    headers: [...headers],
  })) as unknown as KafkaRecord[];
  const batch = {
    firstOffset: 0n,
    lastOffsetDelta: values.length - 1,
    attributes: 0,
    maxTimestamp: 0n,
  };
  partition.enqueue([{ ...batch, records } as unknown as RecordsBatch]);
  return partition;
}

function takerOf(counts: Partial<Record<LaneCounter, number>> = {}): RecordTaker {
  const add = (counter: LaneCounter, amount: number): void => {
    counts[counter] = (counts[counter] ?? 0) + amount;
  };
  return new RecordTaker({ add }, undefined, false);
}

describe('packed slots of anybody', () => {
  test('are given as they are, or refused with what was taken before given first', () => {
    const taker = takerOf();
    const partition = partitionOf([VALUE, VALUE, VALUE.subarray(0, 300)]);
    taker.take(partition);
    const { memory, endWord } = taker.output;
    assert.deepEqual(Buffer.from(memory.u8.slice(0, endWord * 4)), Buffer.concat([VALUE, VALUE]));
    assert.deepEqual([taker.slots, taker.origin?.id, partition.taken], [8, 'a', 2]);
    for (let turn = 0; turn < 2; turn++) {
      assert.throws(() => taker.take(partition), {
        code: 'ERR_SOCKFLOW_KAFKA_BAD_VALUE',
        message: /^topic 't', partition 3, offset 2: 300 bytes are no whole slots/,
      });
    }
  });

  test('never lead out of the value, whatever their length words say', () => {
    fc.assert(
      fc.property(
        fc.nat(3),
        fc.oneof(fc.nat(0xffff_ffff), fc.constantFrom(0, 56, 184, 248, 312, 0x3fff_ffff)),
        fc.constantFrom(0, 0x4000_0000, 0x8000_0000),
        (slot, length, bits) => {
          const value = Buffer.from(VALUE);
          value.writeUInt32LE((length | bits) >>> 0, slot * SLOT_BYTES);
          const taker = takerOf();
          try {
            taker.take(partitionOf([value]));
          } catch (error) {
            assert.equal((error as { code?: string }).code, 'ERR_SOCKFLOW_KAFKA_BAD_VALUE');
            assert.deepEqual([taker.output.endWord, taker.slots], [0, 0]);
            return;
          }
          const { memory, endWord } = taker.output;
          const span = { memory, startWord: 0, endWord, origin: { id: 'a' }, mayBeBusy: false };
          const rest = { mayHoldOtherLanes: false, mayHoldMarkers: true, endTimeUs: 0 };
          const { ended, slots } = walkSlots({ ...span, ...rest }, () => {});
          assert.deepEqual([ended, slots, endWord * 4], ['end', taker.slots, value.length]);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('may be longer than a span usually is', () => {
    const long = Buffer.concat(Array.from({ length: 500 }, () => VALUE));
    const taker = takerOf();
    taker.take(partitionOf([VALUE, long]));
    assert.equal(taker.output.endWord * 4, VALUE.length + long.length);
    assert.equal(taker.slots, 4 + 2000);
  });

  test('of another record layout or a later schema are refused by name', () => {
    const other = slotHeaders(ORIGIN);
    for (const [name] of other) {
      if (String(name) === 'sockflow-fingerprint') other.set(name, Buffer.from('00000000'));
    }
    for (const headers of [
      other,
      slotHeaders(ORIGIN, 'slots/2'),
      slotHeaders(ORIGIN, 'value-json/1'),
    ]) {
      assert.throws(() => takerOf().take(partitionOf([VALUE], headers)), {
        code: 'ERR_SOCKFLOW_KAFKA_SCHEMA',
      });
    }
    for (const headers of [slotHeaders('{}'), slotHeaders('x'), new Map<Buffer, Buffer>()]) {
      assert.throws(() => takerOf().take(partitionOf([VALUE], headers)), {
        code: 'ERR_SOCKFLOW_KAFKA_BAD_VALUE',
      });
    }
  });
});
