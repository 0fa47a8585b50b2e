import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type Marker, SlotMemory } from '@sockflow/core';
import * as fc from 'fast-check';
import { Unpackr, unpackMultiple } from 'msgpackr';

import { batchOf, ORIGIN } from '../../batch-of.test.support.ts';
import { anyOrigin, anySlot, exactObject, SLOT_WORDS } from '../any-event.test.support.ts';
import { encodedBytes } from '../encoded-text.test.support.ts';
import type { Encoder } from '../encoding.ts';
import { EVENT_FIELD_NAMES } from '../event-code/event-fields.ts';
import { msgpack, type MsgpackOptions } from './msgpack.ts';

interface Header {
  readonly format: string;
  readonly version: number;
  readonly structures: string[][];
}

const LOSS: Marker = {
  kind: 'LOSS_MARKER',
  beforeIndex: 0,
  tsNs: 2n ** 63n + 1n,
  gapStartNs: 10n,
  lostRingFull: 64,
  lostShedFirst: 127,
  lostShedLast: 128,
  lostDamaged: 2 ** 40,
  lane: 63,
};
const CLOCK: Marker = {
  kind: 'CLOCK_ANCHOR',
  beforeIndex: 1,
  tsNs: 65n,
  realtimeNs: 1_780_000_000_000_000_000n,
  monotonicNs: 8n,
  uncertaintyNs: 9n,
};

function encode(encoder: Encoder, write: Parameters<typeof encodedBytes>[1]): Buffer {
  return encodedBytes(encoder, (to, out) => {
    to.begin?.(out);
    write(to, out);
    to.end?.(out, true);
  });
}

/** Integers as bigints, so that their widths do not matter. */
function widened(value: unknown): unknown {
  if (Number.isInteger(value)) return BigInt(value as number);
  if (Array.isArray(value)) return value.map(widened);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, widened(entry)]));
}

/** Reads a file of records as docs/specs/msgpack.md says. */
function readRecords(bytes: Buffer): { header: Header; records: Record<string, unknown>[] } {
  let header: Header | undefined;
  let start = 0;
  unpackMultiple(bytes, (value, _start, end) => {
    header = value as Header;
    start = end ?? 0;
    return false;
  });
  assert.ok(header !== undefined);
  // Unpackr notes things of its own in the lists it is given.
  const structures = header.structures.map((keys) => [...keys]);
  const reader = new Unpackr({ structures });
  const rest = bytes.subarray(start);
  return {
    header,
    records: rest.length === 0 ? [] : (reader.unpackMultiple(rest) as Record<string, unknown>[]),
  };
}

/** What an exact wall clock becomes where 64 bits cannot hold it. */
function withoutWideWall(object: Record<string, unknown>): Record<string, unknown> {
  const { wallNs } = object;
  if (typeof wallNs !== 'bigint') return object;
  return wallNs >= 2n ** 64n || wallNs < -(2n ** 63n)
    ? { ...object, wallNs: Number(wallNs) }
    : object;
}

test('a map is read by msgpackr as the object of its event, keys in order, all 64 bits of each number', () => {
  const memory = SlotMemory.allocate(SLOT_WORDS * 4);
  const encoder = msgpack().createEncoder();
  fc.assert(
    fc.property(anySlot, anyOrigin, (fill, origin) => {
      fill(memory);
      const batch = batchOf(memory, [0], origin);
      const expected = withoutWideWall(exactObject(batch.toObjects()[0]!, memory));
      const read = unpackMultiple(encode(encoder, (to, out) => to.encodeBatch(batch, out)));
      assert.equal(read.length, 1);
      assert.deepEqual(widened(read[0]), widened(expected));
      assert.deepEqual(Object.keys(read[0] as object), Object.keys(expected));
    }),
    { numRuns: 2000 },
  );
});

test('a record is read by msgpackr with the header: every field in its place, nil where the event has none', () => {
  const memory = SlotMemory.allocate(SLOT_WORDS * 4);
  const encoder = msgpack({ useRecords: true }).createEncoder();
  fc.assert(
    fc.property(anySlot, anyOrigin, (fill, origin) => {
      fill(memory);
      const batch = batchOf(memory, [0], origin);
      const object = withoutWideWall(exactObject(batch.toObjects()[0]!, memory));
      const { header, records } = readRecords(
        encode(encoder, (to, out) => to.encodeBatch(batch, out)),
      );
      assert.deepEqual(header.structures[0], EVENT_FIELD_NAMES);
      assert.equal(records.length, 1);
      const expected = EVENT_FIELD_NAMES.map((name) => [name, object[name] ?? null]);
      assert.deepEqual(widened(records[0]), widened(Object.fromEntries(expected)));
    }),
    { numRuns: 2000 },
  );
});

for (const useRecords of [false, true]) {
  const form = useRecords ? 'records' : 'maps';
  test(`only the fields asked for are written, in the order and under the names asked for: ${form}`, () => {
    const memory = SlotMemory.allocate(SLOT_WORDS * 4);
    const someFields = fc.shuffledSubarray([...EVENT_FIELD_NAMES], { minLength: 1 });
    fc.assert(
      fc.property(anySlot, someFields, (fill, fields) => {
        fill(memory);
        const batch = batchOf(memory, [0], ORIGIN);
        const object = exactObject(batch.toObjects()[0]!, memory);
        const nameOf = (index: number): string =>
          index % 3 === 0 ? `${fields[index]}-ü-${'x'.repeat(index)}` : fields[index]!;
        const choices = fields.map((field, index) =>
          index % 3 === 0 ? `${field} as ${nameOf(index)}` : field,
        );
        const options = { useRecords, fields: choices } as MsgpackOptions;
        const bytes = encode(msgpack(options).createEncoder(), (to, out) =>
          to.encodeBatch(batch, out),
        );
        const [read] = useRecords ? readRecords(bytes).records : unpackMultiple(bytes);
        const entries = fields
          .map((field, index) => [nameOf(index), object[field] ?? null] as const)
          .filter(([, value]) => useRecords || value !== null);
        assert.deepEqual(widened(read), widened(Object.fromEntries(entries)));
      }),
      { numRuns: 150 },
    );
  });

  test(`markers stand in their places with all their fields: ${form}`, () => {
    const memory = SlotMemory.allocate(SLOT_WORDS * 4);
    memory.u32[2] = 1;
    const batch = batchOf(memory, [0], ORIGIN, [LOSS, CLOCK]);
    const options = { useRecords, fields: ['kind', 'op'] } as const;
    const bytes = encode(msgpack(options).createEncoder(), (to, out) => to.encodeBatch(batch, out));
    const read = useRecords ? readRecords(bytes).records : unpackMultiple(bytes);
    const [loss, clock] = [LOSS, CLOCK].map((marker) => {
      const { kind, ...rest } = Object.fromEntries(
        Object.entries(marker).filter(([key]) => key !== 'beforeIndex'),
      );
      return { kind, originId: ORIGIN.id, ...rest };
    });
    assert.deepEqual(widened(read), widened([loss, { kind: 'OP', op: 'VOID' }, clock]));
  });
}

test('a file of records names its format, version and structures, with no event too', () => {
  const bytes = encode(
    msgpack({ useRecords: true, fields: ['op as operator', 'lane'] }).createEncoder(),
    () => {},
  );
  const { header, records } = readRecords(bytes);
  assert.deepEqual(header, {
    format: 'sockflow-msgpack-records',
    version: 1,
    structures: [
      ['operator'],
      [
        'kind',
        'originId',
        'tsNs',
        'gapStartNs',
        'lostRingFull',
        'lostShedFirst',
        'lostShedLast',
        'lostDamaged',
        'lane',
      ],
      ['kind', 'originId', 'tsNs', 'realtimeNs', 'monotonicNs', 'uncertaintyNs'],
    ],
  });
  assert.deepEqual(records, []);
});

test('values are maps that any reader understands: 64-bit bigints as integers, larger ones as text', () => {
  const value = {
    big: 2n ** 64n - 1n,
    negative: -(2n ** 63n),
    huge: 2n ** 64n,
    map: new Map([['a', 1n]]),
    pairs: new Map([[{ x: 1 }, 2]]),
    set: new Set([1, 'b']),
    date: new Date(0),
    words: new Uint32Array([1, 2]),
    bytes: Buffer.from([1, 2]),
    missing: undefined,
    error: new RangeError('too far'),
    infinite: -Infinity,
    nested: [undefined, { x: null }],
  };
  const bytes = encode(msgpack().createEncoder(), (to, out) => {
    for (const one of [value, 7n, undefined, 'ü'.repeat(200_000)]) to.encodeValue(one, out);
  });
  assert.deepEqual(unpackMultiple(bytes), [
    {
      big: 2n ** 64n - 1n,
      negative: -(2n ** 63n),
      huge: '18446744073709551616',
      map: { a: 1n },
      pairs: [[{ x: 1 }, 2]],
      set: [1, 'b'],
      date: '1970-01-01T00:00:00.000Z',
      words: [1, 2],
      bytes: Buffer.from([1, 2]),
      error: { name: 'RangeError', message: 'too far' },
      infinite: -Infinity,
      nested: [null, { x: null }],
    },
    7n,
    null,
    'ü'.repeat(200_000),
  ]);
});

test('a value that contains itself is refused, and values are refused where there are records', () => {
  const value: Record<string, unknown> = {};
  value['self'] = value;
  const write = (options: MsgpackOptions): Buffer =>
    encode(msgpack(options).createEncoder(), (to, out) => to.encodeValue(value, out));
  assert.throws(() => write({}), { code: 'ERR_SOCKFLOW_SINK_VALUE' });
  assert.throws(() => write({ useRecords: true }), { code: 'ERR_SOCKFLOW_SINK_INPUT' });
});
