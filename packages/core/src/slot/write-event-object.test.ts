import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { isSockflowError, type SockflowError } from '../errors.ts';
import { ACCESSORS } from '../schema/accessors.ts';
import type { OpContext } from '../schema/generated/context-event.ts';
import { SlotView } from '../schema/generated/slot-view.ts';
import type { EventObject } from '../schema/generated/view-types.ts';
import type { Origin } from '../schema/origin.ts';
import { anySlotWords, asObjectsHaveIt } from './any-slot.test.helper.ts';
import { realViews, viewOf } from './real-events.test.helper.ts';
import { SlotMemory } from './slot-memory.ts';
import { NO_ROOM } from './write-context-event.ts';
import { writeEventObject } from './write-event-object.ts';
import { writeClockAnchor, writeLossMarker } from './write-marker.ts';

const ORIGIN: Origin = { id: 'host', hz: 250 };
const MEMORY = SlotMemory.allocate(640);
const VIEWED = SlotMemory.allocate(320);
const BEYOND_WORD = 160;
const EVENT_NAMES = ACCESSORS.filter(({ object }) => object !== undefined).map(({ name }) => name);

function written(object: object, origin: Origin = ORIGIN): Uint32Array {
  MEMORY.u32.fill(0xaaaaaaaa, 0, BEYOND_WORD);
  const bytes = writeEventObject(MEMORY, 16, object, origin);
  assert.ok(bytes >= 256);
  // Nothing beside the slot.
  assert.ok(MEMORY.u32.subarray(0, 16).every((word) => word === 0xaaaaaaaa));
  assert.ok(MEMORY.u32.subarray(16 + bytes / 4, BEYOND_WORD).every((word) => word === 0xaaaaaaaa));
  return MEMORY.u32.slice(16, 16 + bytes / 4);
}

/** Slots as text, a word each, so that a difference can be read. */
function assertSame(actual: Uint32Array, expected: Uint32Array): void {
  const text = (m: Uint32Array): string[] =>
    Array.from(m, (word, index) => `${index}: ${word.toString(16)}`);
  if (Buffer.compare(Buffer.from(actual.buffer), Buffer.from(expected.buffer)) !== 0)
    assert.deepEqual(text(actual), text(expected));
}

function viewOfWords(words: Uint32Array, origin: Origin = ORIGIN): SlotView {
  VIEWED.u32.set(words);
  return new SlotView(VIEWED.u32, VIEWED.big, 0, origin);
}

function wordsOf({ u32, w }: SlotView): Uint32Array {
  return u32.slice(w, w + (u32[w]! + 8) / 4);
}

/** As NDJSON has it. */
function throughJson(object: object): object {
  return JSON.parse(
    JSON.stringify(object, (_, value: unknown) =>
      typeof value === 'bigint' ? value.toString() : value,
    ),
  ) as object;
}

test('every real event comes back from its object and from JSON with the bytes it had', () => {
  for (const { view } of realViews(ORIGIN)) {
    const expected = asObjectsHaveIt(wordsOf(view));
    const object = view.toObject();
    assertSame(written(object), expected);
    assertSame(written(throughJson(object)), expected);
  }
});

test('of real events nothing is lost but parts of microseconds, and bytes that mean nothing', () => {
  for (const { view } of realViews(ORIGIN)) {
    const before = wordsOf(view);
    const after = written(view.toObject());
    assert.equal(after.length, before.length);
    for (let index = 0; index < after.length; index++) {
      if (after[index] === before[index]) continue;
      const isSrtt = index === 43 || (view.op === 12 && index === 25);
      const isIp4 = index === 12 || index === 13;
      const isIp6 = index >= 16 && index < 24;
      const isOfOtherFamily = view.family === 10 ? isIp4 : isIp6;
      assert.ok(isSrtt ? after[index] === (before[index]! & ~7) >>> 0 : isOfOtherFamily);
    }
  }
});

test('events made by hand for what no recording has come back too', () => {
  const file = new URL('../../../../fixtures/synthetic-context.ndjson', import.meta.url);
  for (const line of readFileSync(file, 'utf8').trimEnd().split('\n')) {
    const view = viewOf(JSON.parse(line) as OpContext, ORIGIN);
    assertSame(written(throughJson(view.toObject())), asObjectsHaveIt(wordsOf(view)));
  }
});

/** Makes a number beyond 2^53 the one that was written: several round to the same. */
function roundWide(expected: Uint32Array, actual: Uint32Array): Uint32Array {
  const value = (m: Uint32Array, index: number): number => m[index + 1]! * 2 ** 32 + m[index]!;
  for (const index of [36, 38]) {
    if (value(expected, index) <= Number.MAX_SAFE_INTEGER) continue;
    assert.equal(value(actual, index), value(expected, index));
    expected.set(actual.subarray(index, index + 2), index);
  }
  return expected;
}

/** The command of an owner whose pid is not known does not come back. */
function withoutOwner(object: EventObject): EventObject {
  const { ownerComm: _, ...rest } = object;
  return object.ownerPid === undefined ? rest : object;
}

test('any slot comes back from its object and from JSON, but for what objects do not have', () => {
  fc.assert(
    fc.property(anySlotWords, (words) => {
      const object = viewOfWords(words).toObject();
      const slot = written(object);
      assertSame(slot, roundWide(asObjectsHaveIt(words), slot));
      assertSame(written(throughJson(object)), slot);
      assert.deepEqual(viewOfWords(slot).toObject(), withoutOwner(object));
    }),
    { numRuns: 2000 },
  );
});

test('markers come back from what readers of markers give', () => {
  const loss = {
    tsNs: 2n ** 63n,
    gapStartNs: 7n,
    lostRingFull: 5,
    lostShedFirst: 2 ** 40,
    lostShedLast: 0,
    lostDamaged: 1,
    lane: 3,
  };
  const clock = { tsNs: 9n, realtimeNs: 2n ** 60n, monotonicNs: 8n, uncertaintyNs: 50n };
  const memory = SlotMemory.allocate(512);
  writeLossMarker(memory, 0, loss);
  writeClockAnchor(memory, 64, clock);
  const [lossSlot, clockSlot] = [memory.u32.slice(0, 64), memory.u32.slice(64, 128)];
  for (const form of [(marker: object) => marker, throughJson]) {
    assertSame(written(form({ kind: 'LOSS_MARKER', originId: 'host', ...loss })), lossSlot);
    assertSame(written(form({ kind: 'CLOCK_ANCHOR', originId: 'host', ...clock })), clockSlot);
  }
});

const SMALL = {
  op: 'RTO_CB',
  tsNs: '5000',
  cookie: 7n,
  family: 'AF_INET',
  localPort: 443,
  remotePort: 51234,
  state: 'ESTABLISHED',
  isFullsock: true,
};

test('what is not there is absent, never zero', () => {
  const object = viewOfWords(written(SMALL)).toObject();
  assert.deepEqual(object, {
    ...SMALL,
    kind: 'OP',
    originId: 'host',
    tsNs: 5000n,
  });
  const some = { ...SMALL, srttUs: 12, netnsCookie: 5n, remoteAddress: '10.0.0.1', cpu: 0 };
  const { srttUs, netnsCookie, remoteAddress, cpu, localAddress, rttMinUs } = viewOfWords(
    written(some),
  );
  assert.deepEqual([srttUs, netnsCookie, remoteAddress, cpu], [12, 5n, '10.0.0.1', 0]);
  assert.deepEqual([localAddress, rttMinUs], [undefined, undefined]);
  assert.deepEqual(viewOfWords(written({ ...SMALL, srttUs: null, cpu: null })).toObject(), object);
});

test('arguments have one presence bit: they are there together or not at all', () => {
  const { retransmits, rtoUs, isExpired } = viewOfWords(
    written({ ...SMALL, retransmits: 3, isExpired: true }),
  );
  assert.deepEqual([retransmits, rtoUs, isExpired], [undefined, undefined, undefined]);
  const whole = { ...SMALL, retransmits: 3, rtoJiffies: 51, isExpired: true };
  assert.equal(viewOfWords(written(whole)).rtoUs, 204_000);
});

test('jiffies follow from microseconds and HZ, time since boot from wall time and clock', () => {
  const origin: Origin = {
    id: 'host',
    hz: 300,
    clock: { bootNs: 2000n, realtimeNs: 1_780_000_000_000_000_000n },
  };
  fc.assert(
    fc.property(
      fc.nat({ max: 2 ** 32 - 1 }),
      fc.bigInt({ min: 0n, max: 2n ** 62n }),
      fc.constantFrom(100, 250, 300, 1000, 1024),
      (rtoJiffies, tsNs, hz) => {
        const timed = { ...origin, hz };
        const before = viewOfWords(
          written({ ...SMALL, tsNs, retransmits: 1, rtoJiffies, isExpired: false }, timed),
          timed,
        ).toObject();
        const { tsNs: _, rtoJiffies: __, ...rest } = before;
        assert.deepEqual(viewOfWords(written(rest, timed), timed).toObject(), before);
      },
    ),
  );
});

test('fields of another op or kind are passed over', () => {
  const plain = viewOfWords(written(SMALL)).toObject();
  const more = { ...SMALL, mrttUs: 5, newSrttUs: 5, arg0: 9, rttCount: 3, gapStartNs: 1n, x: 1 };
  assert.deepEqual(viewOfWords(written(more)).toObject(), plain);
});

test('numbers do for names, and names of what this version does not know are numbers', () => {
  const object = viewOfWords(written({ ...SMALL, op: 12, state: 8, family: 2 })).toObject();
  assert.deepEqual([object.op, object.state, object.family], ['RTT_CB', 'CLOSE_WAIT', 'AF_INET']);
  const later = { ...SMALL, op: 'UNKNOWN(77)', state: 'UNKNOWN(200)', arg0: 1, arg1: 2, arg2: 3 };
  const view = viewOfWords(written({ ...later, arg3: 4 }));
  assert.deepEqual([view.op, view.state, view.arg3], [77, 200, 4]);
});

test('a v4-mapped address is told from an IPv4 one by the family', () => {
  const slot = written({ ...SMALL, family: 'AF_INET6', remoteAddress: '10.203.0.1' });
  assert.deepEqual([...slot.subarray(16, 20)], [0, 0, 0xffff0000, 0x0100cb0a]);
  assert.equal(viewOfWords(slot).remoteAddress, '10.203.0.1');
});

test('what an event must have is missed by its name', () => {
  for (const name of Object.keys(SMALL)) {
    assert.throws(() => written({ ...SMALL, [name]: undefined }), {
      code: 'ERR_SOCKFLOW_FIELD_MISSING',
      message: new RegExp(`kind OP needs ${name}$`),
      details: { field: name, kind: 'OP' },
    });
  }
  const marker = { kind: 'CLOCK_ANCHOR', tsNs: 1n, realtimeNs: 1n, monotonicNs: 1n };
  assert.throws(() => written(marker), {
    code: 'ERR_SOCKFLOW_FIELD_MISSING',
    message: /uncertaintyNs/,
  });
});

const REFUSED: readonly (readonly [field: string, value: unknown])[] = [
  ['kind', 'UNKNOWN(7)'],
  ['kind', 'toString'],
  ['kind', 0],
  ['op', 'RTO'],
  ['op', 256],
  ['op', 'UNKNOWN(256)'],
  ['op', 'UNKNOWN(8)'],
  ['op', {}],
  ['tsNs', '-1'],
  ['tsNs', '18446744073709551616'],
  ['tsNs', 2n ** 64n],
  ['tsNs', 1.5],
  ['tsNs', ''],
  ['cookie', 2 ** 53],
  ['cookie', []],
  ['family', 16],
  ['family', 'UNKNOWN(16)'],
  ['family', 'constructor'],
  ['localPort', 65536],
  ['remotePort', -1],
  ['remotePort', '443'],
  ['state', Number.NaN],
  ['isFullsock', 1],
  ['cpu', 65536],
  ['cpu', 0.5],
  ['remoteAddress', 'fd03::1'],
  ['remoteAddress', '10.0.0.256'],
  ['remoteAddress', '10.0.0.01'],
  ['localAddress', 7],
  ['ownerComm', 'seventeen letters'],
  ['ownerComm', 'a\u0000b'],
  ['ownerComm', '€'],
  ['retransmits', 2 ** 32],
  ['isExpired', 'yes'],
  ['cbFlags', 'RTO|RTO'],
  ['tcpFlags', 'ACK|SYN'],
  ['tcpFlags', '0x10000'],
  ['tcpFlags', 65536],
  ['srttUs', 2 ** 29],
  ['srttUs', -1],
  ['bytesAcked', 2 ** 65],
  ['bytesAcked', -1],
  ['bytesAcked', Number.POSITIVE_INFINITY],
  ['tcpHeaderHex', 'abc'],
  ['tcpHeaderHex', 'zz'],
  ['tcpHeaderHex', '00'.repeat(61)],
  ['sections', [[1, '00']]],
];

test('a value that does not fit is refused by the name of its field', () => {
  for (const [field, value] of REFUSED) {
    assert.throws(
      () => written({ ...SMALL, [field]: value }),
      (error: SockflowError<string, { field: string }>) => {
        assert.equal(error.code, 'ERR_SOCKFLOW_FIELD_RANGE', `${field} ${String(value)}`);
        assert.equal(error.details.field, field);
        assert.ok(error.message.length < 400);
        return true;
      },
      `${field} ${String(value)}`,
    );
  }
});

test('anything at all in a field is written or refused by a code, never beyond the slot', () => {
  const names = [...EVENT_NAMES, 'sections', 'gapStartNs', 'lostRingFull', 'realtimeNs'];
  const anything = fc.anything({ withBigInt: true, withDate: true, withNullPrototype: true });
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom(...names), anything),
      fc.constantFrom('OP', 'RTT_SUMMARY', 'SNAPSHOT', 'LOSS_MARKER', 'CLOCK_ANCHOR'),
      fc.boolean(),
      (values, kind, isWhole) => {
        const object = { ...(isWhole ? { ...SMALL, kind } : {}), ...values };
        try {
          written(object);
        } catch (error) {
          assert.ok(isSockflowError(error), String(error));
          assert.match(error.code, /^ERR_SOCKFLOW_FIELD_(RANGE|MISSING)$/);
          assert.notEqual(error.message, '');
          // Not to be taken for a slot.
          assert.ok(MEMORY.u32[16] === 0 || MEMORY.u32[16] === 0xaaaaaaaa);
        }
      },
    ),
    { numRuns: 3000 },
  );
  for (const none of [null, undefined, 7, 'x', [SMALL]])
    assert.throws(() => written(none as unknown as object), { code: 'ERR_SOCKFLOW_FIELD_RANGE' });
});

test('a slot that does not fit the memory is not written', () => {
  const memory = SlotMemory.allocate(65536);
  const last = memory.u32.length - 64;
  assert.equal(writeEventObject(memory, last, SMALL), 256);
  memory.u32.fill(0, last);
  const longer = { ...SMALL, op: 'PARSE_HDR_OPT_CB', tcpHeaderHex: '00' };
  assert.equal(writeEventObject(memory, last, longer), NO_ROOM);
  assert.ok(memory.u32.subarray(last).every((word) => word === 0));
  assert.throws(() => writeEventObject(memory, 8, SMALL), { code: 'ERR_SOCKFLOW_FIELD_RANGE' });
});
