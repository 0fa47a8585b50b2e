import assert from 'node:assert/strict';
import { type HeapProfiler, Session } from 'node:inspector';
import { test } from 'node:test';

import * as fc from 'fast-check';

import type { Batch } from '../batch/batch.ts';
import { lendBatch, type LentBatch } from '../batch/lend-batch.ts';
import type { EventView } from '../schema/generated/view-types.ts';
import type { Origin } from '../schema/origin.ts';
import { anySlotWords } from '../slot/any-slot.test.helper.ts';
import { SlotMemory } from '../slot/slot-memory.ts';
import { NUMERIC_ACCESSORS } from './fields/value-code.ts';
import { type FoldField, foldFields } from './fold-fields.ts';

const FIELDS = [...NUMERIC_ACCESSORS.keys()] as FoldField[];
const ORIGIN: Origin = { id: 'boot-a', hz: 250 };

/** A batch of these slots, one after another from byte `at` of the memory. */
function batchOf(slots: readonly Uint32Array[], origin = ORIGIN, atBytes = 0): LentBatch {
  const slotBytes = slots.reduce((bytes, slot) => bytes + slot.byteLength, 0);
  const memory = SlotMemory.allocate(atBytes + slotBytes);
  const words = new Uint32Array(slots.length);
  let w = atBytes / 4;
  for (const [index, slot] of slots.entries()) {
    memory.u32.set(slot, w);
    words[index] = w;
    w += (slot[0]! + 8) / 4;
  }
  const markers = { markerWords: new Uint32Array(0), markerCount: 0 };
  return lendBatch({ memory, words, size: slots.length, ...markers }, origin, 0);
}

/** What the views say, event by event; booleans as numbers. */
function throughViews(batch: Batch, fields: readonly string[], absent?: number): unknown[][] {
  const rows: unknown[][] = [];
  batch.forEach((event) => {
    const view = event as EventView & Record<string, unknown>;
    rows.push(
      fields.map((field) => {
        const value = view[field];
        return typeof value === 'boolean' ? Number(value) : (value ?? absent);
      }),
    );
  });
  return rows;
}

function throughFold(
  batch: Batch,
  fields: readonly FoldField[],
  options: { absent?: number } = {},
): unknown[][] {
  const fold = foldFields(
    fields,
    (rows: unknown[][], ...values) => {
      rows.push([...values]);
      return rows;
    },
    options,
  );
  return fold(batch, []);
}

test('every field of any slot is what its view says', () => {
  fc.assert(
    fc.property(
      fc.array(anySlotWords, { minLength: 1, maxLength: 8 }),
      fc.constantFrom(undefined, 0, -0, -1, NaN, 2 ** 40),
      fc.constantFrom(undefined, 100, 250, 1000),
      (slots, absent, hz) => {
        const { batch } = batchOf(slots, hz === undefined ? { id: 'a' } : { id: 'a', hz });
        const options = absent === undefined ? {} : { absent };
        assert.deepEqual(throughFold(batch, FIELDS, options), throughViews(batch, FIELDS, absent));
      },
    ),
  );
});

test('any choice of fields, in any order, comes in that order', () => {
  fc.assert(
    fc.property(
      fc.array(anySlotWords, { minLength: 1, maxLength: 4 }),
      fc.array(fc.constantFrom(...FIELDS), { minLength: 1, maxLength: 5 }),
      (slots, fields) => {
        const { batch } = batchOf(slots);
        assert.deepEqual(throughFold(batch, fields), throughViews(batch, fields));
      },
    ),
  );
});

test('each presence bit decides alone, whether events usually have it or not', () => {
  const plain = fc.sample(anySlotWords, { seed: 7, numRuns: 1 })[0]!.slice();
  plain[2] = (plain[2]! & 0xffff0000) | (12 << 8) | 1;
  for (const usual of [0, 0xffffffff]) {
    const slots = Array.from({ length: 65 + 64 * 64 }, (_, index) => {
      const slot = plain.slice();
      const bits = new BigUint64Array(slot.buffer, slot.byteOffset + 56, 1);
      bits[0] = usual === 0 ? 0n : 2n ** 64n - 1n;
      if (index >= 65) bits[0] ^= 1n << BigInt((index - 65) & 63);
      return slot;
    });
    // A TCP header's bit needs the section: a slot of 320 bytes.
    for (const slot of slots) slot[0] = slot.byteLength - 8;
    const { batch } = batchOf(slots);
    assert.deepEqual(throughFold(batch, FIELDS), throughViews(batch, FIELDS));
    assert.deepEqual(throughFold(batch, FIELDS, { absent: 0 }), throughViews(batch, FIELDS, 0));
  }
});

test('a fold that has met other events before gives the same', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(anySlotWords, fc.constantFrom(1, 2, 80)), { minLength: 1, maxLength: 12 }),
      (runs) => {
        const fold = foldFields(FIELDS, (rows: unknown[][], ...values) => [...rows, values]);
        for (const [slot, count] of runs) {
          const { batch } = batchOf(Array.from({ length: count }, () => slot));
          assert.deepEqual(fold(batch, []), throughViews(batch, FIELDS));
        }
      },
    ),
    { numRuns: 30 },
  );
});

test('slots beyond 2 GiB of memory are read where they lie', () => {
  const slots = fc.sample(anySlotWords, { seed: 3, numRuns: 3 });
  const { batch } = batchOf(slots, ORIGIN, 2 ** 31 - 256);
  assert.deepEqual(throughFold(batch, FIELDS), throughViews(batch, FIELDS));
});

test('a batch without events leaves the state as it is', () => {
  const { batch } = batchOf([]);
  assert.equal(foldFields(['op'], (sum: number, op) => sum + op)(batch, 5), 5);
});

test('a batch that is over throws', () => {
  const lent = batchOf(fc.sample(anySlotWords, { seed: 3, numRuns: 2 }));
  const fold = foldFields(['op', 'srttUs'], (sum: number, op) => sum + op);
  fold(lent.batch, 0);
  lent.release();
  assert.throws(() => fold(lent.batch, 0), { code: 'ERR_SOCKFLOW_STALE_VIEW' });
});

test('what the step throws is what the fold throws', () => {
  const { batch } = batchOf(fc.sample(anySlotWords, { seed: 3, numRuns: 2 }));
  const fold = foldFields(['op'], (): number => {
    throw new RangeError('enough');
  });
  assert.throws(() => fold(batch, 0), { name: 'RangeError', message: 'enough' });
});

test('names that are no numeric field, none at all and an absent value that is no number are refused', () => {
  const step = (): number => 0;
  for (const fields of [['nope'], ['cookie'], ['localAddress'], ['constructor'], []]) {
    assert.throws(() => foldFields(fields as FoldField[], step), {
      code: 'ERR_SOCKFLOW_INVALID_OPTION',
    });
  }
  assert.throws(() => foldFields(['op'], step, { absent: '0' as unknown as number }), {
    code: 'ERR_SOCKFLOW_INVALID_OPTION',
  });
});

test('types: what an event may lack is undefined unless something stands for it', () => {
  foldFields(['tsUs', 'srttUs', 'oldState'], (sum: number, tsUs, srttUs, oldState) => {
    // @ts-expect-error an event may have no smoothed RTT
    const wrong: number = srttUs;
    return sum + tsUs + (wrong ?? 0) + (oldState ?? 0);
  });
  foldFields(['srttUs'], (sum: number, srttUs) => sum + srttUs, { absent: 0 });
  // @ts-expect-error a text is no number
  assert.throws(() => foldFields(['localAddress'], (sum: number) => sum));
});

function selfBytes(node: HeapProfiler.SamplingHeapProfileNode): number {
  return node.children.reduce((bytes, child) => bytes + selfBytes(child), node.selfSize);
}

/** Bytes that the heap profiler saw allocated while `run` ran. */
function allocatedBytes(run: () => void): number {
  const session = new Session();
  session.connect();
  let bytes = 0;
  session.post('HeapProfiler.startSampling', {
    samplingInterval: 512,
    includeObjectsCollectedByMajorGC: true,
    includeObjectsCollectedByMinorGC: true,
  } as object);
  run();
  session.post('HeapProfiler.stopSampling', (error, result) => {
    if (error !== null) throw error;
    bytes = selfBytes(result.profile.head);
  });
  session.disconnect();
  return bytes;
}

test('an event costs no allocation, numbers above 2^31 included', () => {
  const slots = fc.sample(anySlotWords, { seed: 11, numRuns: 500 });
  const { batch } = batchOf(slots);
  const fold = foldFields(
    ['cookieNumber', 'tsUs', 'rcvNxt', 'sndNxt', 'bytesAcked', 'srttUs'],
    (sum: number, cookie, tsUs, rcvNxt, sndNxt, bytesAcked, srttUs) => {
      const whole = (cookie | 0) + (tsUs | 0) + rcvNxt + sndNxt + (bytesAcked | 0) + srttUs;
      return (sum + whole) | 0;
    },
    { absent: 0 },
  );
  let total = 0;
  for (let round = 0; round < 4000; round++) total = fold(batch, total);
  const rounds = 400;
  const bytes = allocatedBytes(() => {
    for (let round = 0; round < rounds; round++) total = fold(batch, total);
  });
  assert.ok(Number.isInteger(total));
  assert.ok(bytes < rounds * slots.length, `${bytes} bytes for ${rounds * slots.length} events`);
});
