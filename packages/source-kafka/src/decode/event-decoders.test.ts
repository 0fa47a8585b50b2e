import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import {
  isSockflowError,
  type Origin,
  SLOT_STEP_BYTES,
  SlotMemory,
  type SlotSpan,
  writeContextEvent,
} from '@sockflow/core';
import { msgpack, ndjson } from '@sockflow/sinks';
import { generateSlots } from '@sockflow/source-replay/generate';
import * as fc from 'fast-check';

import {
  encodedRecording,
  encodedSlots,
  encodedValue,
  type EncodedEvent,
} from './encoded-events.test.support.ts';
import { JsonDecoder } from './json-decoder.ts';
import { MsgpackDecoder } from './msgpack-decoder.ts';
import { SlotOutput } from './slot-output.ts';
import type { ValueDecoder } from './value-decoder.ts';

const ORIGIN: Origin = { id: 'host', hz: 250 };
const ENCODINGS = [
  { name: 'json', encoder: ndjson().createEncoder(), trimBytes: 1, Decoder: JsonDecoder },
  { name: 'msgpack', encoder: msgpack().createEncoder(), trimBytes: 0, Decoder: MsgpackDecoder },
] as const;

const EVENT = {
  op: 'RTO_CB',
  tsNs: 5000,
  cookie: 7,
  family: 'AF_INET',
  localPort: 443,
  remotePort: 51234,
  state: 'ESTABLISHED',
  isFullsock: true,
};

function decoded(decoder: ValueDecoder, value: Uint8Array, origin = ORIGIN): Uint32Array {
  const output = new SlotOutput(4096);
  // Between other slots.
  output.endWord = SLOT_STEP_BYTES / 4;
  decoder.decode(value, origin, output);
  return output.memory.u32.slice(SLOT_STEP_BYTES / 4, output.endWord);
}

function assertDecoded(
  Decoder: new (kind: 'event' | 'marker') => ValueDecoder,
  events: EncodedEvent[],
): void {
  const ofEvents = new Decoder('event');
  const ofMarkers = new Decoder('marker');
  const output = new SlotOutput(events.length * 320);
  for (const { value, isMarker, origin, slot, object } of events) {
    const start = output.endWord;
    (isMarker ? ofMarkers : ofEvents).decode(value, origin, output);
    const found = output.memory.u32.subarray(start, output.endWord);
    if (found.length !== slot.length || found.some((word, index) => word !== slot[index]))
      assert.deepEqual([...found], [...slot], JSON.stringify(Object.entries(object).map(String)));
  }
}

for (const { name, encoder, trimBytes, Decoder } of ENCODINGS) {
  describe(`values in ${name}`, () => {
    test('every real event, snapshot and marker is the slot that its object is', async () => {
      for (const fixture of ['real.sfrec', 'live.sfrec']) {
        const events = await encodedRecording(fixture, encoder, trimBytes);
        assert.equal(events.length, fixture === 'real.sfrec' ? 3595 : 966);
        assertDecoded(Decoder, events);
      }
    });

    test('generated connections, and RTT summaries, are the slots that their objects are', () => {
      for (const span of generateSlots({ connections: 100, seed: 7 }).spans)
        assertDecoded(Decoder, encodedSlots(span, encoder, trimBytes));
      assertDecoded(Decoder, encodedSlots(summaries(), encoder, trimBytes));
    });

    const encoded = (value: unknown): Buffer => encodedValue(value, encoder, trimBytes);
    const event = new Decoder('event');
    const marker = new Decoder('marker');

    test('what is missing is absent, and what is not known is passed over', () => {
      const slot = decoded(event, encoded(EVENT));
      assert.equal(slot.length, 64);
      const more = {
        ...EVENT,
        toString: 1,
        __proto__x: [],
        deep: nested(40),
        text: 'x'.repeat(300),
      };
      assert.deepEqual(decoded(event, encoded(more)), slot);
      assert.deepEqual(decoded(event, encoded({ ...more, cpu: null, srttUs: null })), slot);
      // The one before does not shine through.
      decoded(event, encoded({ ...EVENT, srttUs: 5, cpu: 1, netnsCookie: 7 }));
      assert.deepEqual(decoded(event, encoded(EVENT)), slot);
    });

    test('what is no event is refused by what is wrong with it', () => {
      const refused: readonly (readonly [unknown, RegExp])[] = [
        [{ ...EVENT, cookie: undefined }, /needs cookie/],
        [{ ...EVENT, op: 'RTO' }, /op must be the name of an operator.*found "RTO"/],
        [{ ...EVENT, srttUs: 'x'.repeat(5000) }, /^srttUs must be .{1,300}$/],
        [{ ...EVENT, srttUs: nested(400) }, /^srttUs must be .{1,300}$/],
        [{ ...EVENT, originId: 'other' }, /another originId/],
        [
          { kind: 'CLOCK_ANCHOR', tsNs: 1, realtimeNs: 1, monotonicNs: 1, uncertaintyNs: 1 },
          /marker/,
        ],
        [[EVENT], /no (object|map)/],
        ['text', /no (object|map)/],
        [7, /no (object|map)/],
        [null, /no (object|map)/],
        [{ ...EVENT, more: 'x'.repeat(70_000) }, /bytes are no event/],
      ];
      for (const [value, message] of refused) {
        assert.throws(() => decoded(event, encoded(value)), {
          code: 'ERR_SOCKFLOW_KAFKA_BAD_VALUE',
          message,
        });
      }
      assert.throws(() => decoded(marker, encoded(EVENT)), {
        code: 'ERR_SOCKFLOW_KAFKA_BAD_VALUE',
        message: /an event/,
      });
    });

    test('a value cut anywhere is refused', () => {
      const value = encoded({ ...EVENT, rttMinUs: 70_000, bytesAcked: 2 ** 40 });
      for (let length = 0; length < value.length; length++) {
        assert.throws(() => decoded(event, value.subarray(0, length)), {
          code: 'ERR_SOCKFLOW_KAFKA_BAD_VALUE',
        });
      }
      assert.throws(() => decoded(event, Buffer.concat([value, value])), {
        code: 'ERR_SOCKFLOW_KAFKA_BAD_VALUE',
      });
    });

    test('bytes changed at random are an event or refused, and nothing beside it is written', async () => {
      const real = await encodedRecording('live.sfrec', encoder, trimBytes);
      const change = fc.record({ at: fc.nat(), byte: fc.nat({ max: 255 }) });
      fc.assert(
        fc.property(
          fc.nat({ max: real.length - 1 }),
          fc.array(change, { minLength: 1, maxLength: 4 }),
          (index, changes) => {
            const { value, isMarker, origin } = real[index]!;
            const mutated = Buffer.from(value);
            for (const { at, byte } of changes) mutated[at % mutated.length] = byte;
            assertRefusedOrWhole(isMarker ? marker : event, mutated, origin);
          },
        ),
        { numRuns: 3000 },
      );
    });

    test('any bytes are refused or an event', () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 400 }), fc.boolean(), (bytes, isMap) => {
          const value = isMap ? Buffer.concat([Buffer.from([0xde, 0, 9]), bytes]) : bytes;
          assertRefusedOrWhole(event, value, ORIGIN);
        }),
        { numRuns: 3000 },
      );
    });
  });
}

/** Summaries of samples, as the kernel program folds them. */
function summaries(): SlotSpan {
  const memory = SlotMemory.allocate(20 * 256);
  for (let index = 0; index < 20; index++) {
    writeContextEvent(memory, index * 64, {
      kind: 'RTT_SUMMARY',
      ts_boot_ns: BigInt(index) << 40n,
      cookie: BigInt(index) << 58n,
      family: index % 2 === 0 ? 2 : 10,
      local_ip4: 0x0100007f,
      remote_ip4: 0x0100007f,
      local_ip6: [0, 0, 0, index],
      remote_ip6: [1021, 0, 0xffff0000, index],
      local_port: index,
      remote_port: 65536 * index,
      is_fullsock: 1,
      state: index,
      owner_pid: index,
      owner_comm: 'söck\u0007"x',
      owner_role: index % 3,
      rtt_sum_us: 2 ** 50 + index,
      rtt_count: 2 ** 31 + index,
      rtt_low_us: index,
      rtt_high_us: 0xffffffff,
      rtt_buckets: Array.from({ length: 23 }, (_, bucket) => bucket * index),
    });
  }
  return {
    memory,
    startWord: 0,
    endWord: 20 * 64,
    origin: ORIGIN,
    mayBeBusy: false,
    mayHoldOtherLanes: false,
    mayHoldMarkers: false,
    endTimeUs: 0,
  };
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { value };
  return value;
}

function assertRefusedOrWhole(decoder: ValueDecoder, value: Uint8Array, origin: Origin): void {
  const output = new SlotOutput(65_536);
  const { u32 } = output.memory;
  u32.fill(0x5a5a5a5a);
  output.endWord = 160;
  try {
    decoder.decode(value, origin, output);
  } catch (error) {
    assert.ok(isSockflowError(error), String(error));
    assert.equal(error.code, 'ERR_SOCKFLOW_KAFKA_BAD_VALUE');
    assert.equal(output.endWord, 160);
  }
  assert.ok(u32.subarray(0, 160).every((word) => word === 0x5a5a5a5a));
  assert.ok(u32.subarray(160 + 1024).every((word) => word === 0x5a5a5a5a));
  if (output.endWord > 160) assert.equal(u32[160]! + 8, (output.endWord - 160) * 4);
}

test('maps of msgpack with lengths that are lies take no memory and no time', () => {
  const decoder = new MsgpackDecoder('event');
  const lies = [
    [0xdf, 0xff, 0xff, 0xff, 0xff],
    [0x81, 0xdb, 0xff, 0xff, 0xff, 0xff],
    [0x81, 0xa2, 0x6f, 0x70, 0xdd, 0xff, 0xff, 0xff, 0xff],
    [0x81, 0xa1, 0x78, 0xdf, 0xff, 0xff, 0xff, 0xff],
    [0x81, 0xa1, 0x78, 0xc6, 0xff, 0xff, 0xff, 0xff],
    [0x81, 0xa1, 0x78, 0xc9, 0xff, 0xff, 0xff, 0xff],
    [0x81, 0xa1, 0x78, 0xc1],
    [0x81, 0x01, 0x01],
    [0x81, 0xa1, 0x78, ...Array.from({ length: 60_000 }, () => 0x91)],
  ];
  const before = process.memoryUsage().arrayBuffers;
  for (const lie of lies) {
    assert.throws(() => decoded(decoder, Uint8Array.from(lie)), {
      code: 'ERR_SOCKFLOW_KAFKA_BAD_VALUE',
    });
  }
  assert.ok(process.memoryUsage().arrayBuffers - before < 2 ** 27);
});

test('all forms of numbers in msgpack are taken', () => {
  const decoder = new MsgpackDecoder('event');
  const base = encodedValue(EVENT, msgpack().createEncoder(), 0);
  const name = Buffer.from('srttUs');
  const forms = [
    [0xcc, 5],
    [0xcd, 0, 5],
    [0xce, 0, 0, 0, 5],
    [0xcf, 0, 0, 0, 0, 0, 0, 0, 5],
    [0xd0, 5],
    [0xd1, 0, 5],
    [0xd2, 0, 0, 0, 5],
    [0xd3, 0, 0, 0, 0, 0, 0, 0, 5],
    [0xca, 0x40, 0xa0, 0, 0],
    [0xcb, 0x40, 0x14, 0, 0, 0, 0, 0, 0],
    [5],
  ];
  for (const form of forms) {
    const value = Buffer.concat([
      Uint8Array.of(0x80 | ((base[0]! & 15) + 1)),
      base.subarray(1),
      Uint8Array.of(0xa0 | name.length),
      name,
      Uint8Array.from(form),
    ]);
    // srtt_us, times eight.
    assert.equal(decoded(decoder, value)[43], 40, String(form));
  }
});
