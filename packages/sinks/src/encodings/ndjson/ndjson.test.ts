import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

import {
  type ContextEvent,
  type Origin,
  SlotMemory,
  stampPresence,
  writeContextEvent,
} from '@sockflow/core';
import { fromReplay } from '@sockflow/source-replay';
import * as fc from 'fast-check';
import { lastValueFrom, map, take } from 'rxjs';

import { batchOf, ORIGIN } from '../../batch-of.test.support.ts';
import { encodedText } from '../encoded-text.test.support.ts';
import { EVENT_FIELD_NAMES, type EventFieldName } from '../event-code/event-fields.ts';
import { jsonValue } from '../json-value.ts';
import { table } from '../table/table.ts';
import { ndjson } from './ndjson.ts';

const FIXTURE = new URL('../../../../../fixtures/real-context.ndjson.gz', import.meta.url);
const SLOT_WORDS = 80;
const encoder = ndjson().createEncoder();

function naive(objects: readonly object[]): string {
  return objects.map((object) => `${JSON.stringify(object, jsonValue)}\n`).join('');
}

function assertSameAsNaive(memory: SlotMemory, words: readonly number[], origin: Origin): void {
  const batch = batchOf(memory, words, origin);
  assert.equal(
    encodedText(encoder, (to, out) => to.encodeBatch(batch, out)),
    naive(batch.toObjects()),
  );
}

const anyWord = fc.oneof(
  fc.nat({ max: 2 ** 32 - 1 }),
  fc.constantFrom(0, 1, 9, 10, 99, 100, 999, 1000, 9999, 10_000, 99_999_999, 100_000_000),
  fc.constantFrom(0xffffffff, 0xffff0000, 0x80000000, 0x22222222, 0x5c5c5c5c, 0x0a1f7f08),
);
const anyOrigin: fc.Arbitrary<Origin> = fc.record(
  {
    id: fc.string({ unit: 'binary', maxLength: 40 }),
    hz: fc.constantFrom(100, 250, 300, 1000),
    clock: fc.record({
      bootNs: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      realtimeNs: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    }),
  },
  { requiredKeys: ['id'] },
);

test('an event is written byte for byte as JSON.stringify writes its object: any bytes in the slot', () => {
  const memory = SlotMemory.allocate(SLOT_WORDS * 4);
  fc.assert(
    fc.property(
      fc.array(anyWord, { minLength: SLOT_WORDS, maxLength: SLOT_WORDS }),
      anyOrigin,
      (words, origin) => {
        memory.u32.set(words);
        assertSameAsNaive(memory, [0], origin);
      },
    ),
    { numRuns: 1000 },
  );
});

test('an event is written byte for byte as JSON.stringify writes its object: every kind and op with its presence', () => {
  const memory = SlotMemory.allocate(SLOT_WORDS * 4);
  fc.assert(
    fc.property(
      fc.array(anyWord, { minLength: SLOT_WORDS, maxLength: SLOT_WORDS }),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 0, max: 22 }),
      fc.constantFrom(2, 10),
      fc.integer({ min: 0, max: 60 }),
      anyOrigin,
      (words, kind, op, family, headerBytes, origin) => {
        const m = memory.u32;
        m.set(words);
        m[0] = 312;
        m[2] = (m[2]! & 0xffff0000) | (op << 8) | kind;
        m[3] = (m[3]! & 0xf0ffffff) | (family << 24);
        m[64] = (headerBytes << 16) | 1;
        stampPresence(m, 0, 0xffffffff, 0xffffffff);
        assertSameAsNaive(memory, [0], origin);
      },
    ),
    { numRuns: 1000 },
  );
});

test('64-bit numbers and addresses of every length are written as their text', () => {
  const memory = SlotMemory.allocate(SLOT_WORDS * 4);
  const group = fc.oneof(fc.constant(0), fc.nat({ max: 0xffff }), fc.nat({ max: 0xff }));
  fc.assert(
    fc.property(
      fc.nat({ max: 64 }),
      fc.bigInt({ min: -2n, max: 2n }),
      fc.array(group, { minLength: 8, maxLength: 8 }),
      (bits, delta, groups) => {
        memory.u32.fill(0);
        memory.u32[2] = 1;
        memory.big[2] = BigInt.asUintN(64, (1n << BigInt(bits)) + delta);
        memory.big[3] = BigInt.asUintN(64, 10n ** BigInt(bits % 20) + delta);
        new Uint16Array(memory.buffer, 64, 8).set(groups);
        memory.u32[14] = 1 << 17;
        memory.big[18] = memory.big[2]!;
        memory.u32[14] |= 1 << 25;
        assertSameAsNaive(memory, [0], ORIGIN);
      },
    ),
    { numRuns: 1000 },
  );
});

test('real events are written as JSON.stringify writes their objects', () => {
  const lines = gunzipSync(readFileSync(FIXTURE)).toString().trimEnd().split('\n');
  const memory = SlotMemory.allocate(lines.length * SLOT_WORDS * 4);
  const words = lines.map((line, index) => {
    writeContextEvent(memory, index * SLOT_WORDS, JSON.parse(line) as ContextEvent);
    return index * SLOT_WORDS;
  });
  assert.equal(words.length, 3595);
  const origin = { ...ORIGIN, clock: { bootNs: 5n, realtimeNs: 1_780_000_000_000_000_000n } };
  assertSameAsNaive(memory, words, origin);
});

test('only the fields asked for are written, in the order asked for', () => {
  const memory = SlotMemory.allocate(SLOT_WORDS * 4);
  fc.assert(
    fc.property(
      fc.array(anyWord, { minLength: SLOT_WORDS, maxLength: SLOT_WORDS }),
      fc
        .subarray([...EVENT_FIELD_NAMES], { minLength: 1 })
        .chain((names) => fc.shuffledSubarray(names, { minLength: 1 })),
      (words, fields) => {
        memory.u32.set(words);
        const batch = batchOf(memory, [0], ORIGIN);
        const object = batch.toObjects()[0]!;
        const expected = Object.fromEntries(
          fields
            .filter((name: EventFieldName) => object[name] !== undefined)
            .map((name) => [name, object[name]]),
        );
        const some = ndjson({ fields }).createEncoder();
        assert.equal(
          encodedText(some, (to, out) => to.encodeBatch(batch, out)),
          naive([expected]),
        );
      },
    ),
    { numRuns: 100 },
  );
});

test('markers are lines in their place, of kind LOSS_MARKER and CLOCK_ANCHOR', () => {
  const memory = SlotMemory.allocate(3 * SLOT_WORDS * 4);
  const words = [0, SLOT_WORDS, 2 * SLOT_WORDS];
  for (const word of words) memory.u32[word + 2] = 1;
  const loss = {
    kind: 'LOSS_MARKER',
    beforeIndex: 1,
    tsNs: 30n,
    gapStartNs: 10n,
    lostRingFull: 5,
    lostShedFirst: 0,
    lostShedLast: 0,
    lostDamaged: 0,
    lane: 0,
  } as const;
  const clock = {
    kind: 'CLOCK_ANCHOR',
    beforeIndex: 3,
    tsNs: 2n ** 60n,
    realtimeNs: 7n,
    monotonicNs: 8n,
    uncertaintyNs: 9n,
  } as const;
  const batch = batchOf(memory, words, ORIGIN, [loss, clock]);
  const text = encodedText(encoder, (to, out) => to.encodeBatch(batch, out));
  const parsed = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.deepEqual(
    parsed.map(({ kind }) => kind),
    ['OP', 'LOSS_MARKER', 'OP', 'OP', 'CLOCK_ANCHOR'],
  );
  assert.deepEqual(parsed[1], {
    kind: 'LOSS_MARKER',
    originId: 'test-origin',
    tsNs: '30',
    gapStartNs: '10',
    lostRingFull: 5,
    lostShedFirst: 0,
    lostShedLast: 0,
    lostDamaged: 0,
    lane: 0,
  });
  assert.equal(parsed[4]!['tsNs'], '1152921504606846976');
});

test('values are JSON with bigints as text, maps and sets as objects and arrays, undefined left out', () => {
  const value = {
    big: 2n ** 63n,
    map: new Map([['a', 1n]]),
    pairs: new Map([[{ x: 1 }, 2]]),
    set: new Set([1, 'b']),
    date: new Date(0),
    words: new Uint32Array([1, 2]),
    missing: undefined,
    error: new RangeError('too far'),
    text: 'größer \u2028 "quoted"',
  };
  const text = encodedText(encoder, (to, out) => {
    to.encodeValue(value, out);
    to.encodeValue(7n, out);
    to.encodeValue(undefined, out);
  });
  const [first, ...rest] = text.split('\n');
  assert.deepEqual(JSON.parse(first!), {
    big: '9223372036854775808',
    map: { a: '1' },
    pairs: [[{ x: 1 }, 2]],
    set: [1, 'b'],
    date: '1970-01-01T00:00:00.000Z',
    words: [1, 2],
    error: { name: 'RangeError', message: 'too far' },
    text: 'größer \u2028 "quoted"',
  });
  assert.deepEqual(rest, ['"7"', 'null', '']);
});

test('a value that contains itself is refused with the reason', () => {
  const value: Record<string, unknown> = {};
  value['self'] = value;
  assert.throws(() => encodedText(encoder, (to, out) => to.encodeValue(value, out)), {
    code: 'ERR_SOCKFLOW_SINK_VALUE',
    message: /circular/,
  });
});

test('a value larger than a chunk is written whole', () => {
  const text = 'x'.repeat(1_000_000);
  const written = encodedText(encoder, (to, out) => {
    to.encodeValue(1, out);
    to.encodeValue(text, out);
    to.encodeValue(2, out);
  });
  assert.equal(written, `1\n"${text}"\n2\n`);
});

test('views and batches are written as their objects at any depth of a value', () => {
  const memory = SlotMemory.allocate(2 * SLOT_WORDS * 4);
  for (const word of [0, SLOT_WORDS]) {
    writeContextEvent(memory, word, {
      ts_boot_ns: 5n,
      op: 13,
      family: 2,
      local_ip4: 1,
      remote_ip4: 2,
      remote_port: 0x50000000,
      local_port: word + 1,
      is_fullsock: 1,
      state: 1,
      cookie: 2n ** 63n,
    });
  }
  const batch = batchOf(memory, [0, SLOT_WORDS]);
  const [first, second] = batch.toObjects();
  const line = (value: unknown): string =>
    encodedText(encoder, (to, out) => to.encodeValue(value, out));
  const view = batch.at(1);
  assert.equal(line(view), naive([second!]));
  assert.match(line(view), /"cookie":"9223372036854775808"/);
  assert.equal(
    line({ view, map: new Map([['deep', [new Set([view])]]]), batches: [batch] }),
    naive([{ view: second, map: { deep: [[second]] }, batches: [[first, second]] }]),
  );
});

test('a view or batch that is over, inside a value, is the named error of stale views', async () => {
  const held: unknown[] = [];
  const recording = fileURLToPath(new URL('../../../../../fixtures/real.sfrec', import.meta.url));
  await lastValueFrom(
    fromReplay(recording, { views: 'reused' }).pipe(
      take(1),
      map((batch) => held.push(batch.at(0), { event: batch.at(0) }, [batch])),
    ),
  );
  for (const value of held) {
    for (const stale of [encoder, table().createEncoder()]) {
      assert.throws(() => encodedText(stale, (to, out) => to.encodeValue(value, out)), {
        code: 'ERR_SOCKFLOW_STALE_VIEW',
      });
    }
  }
});
