import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { isSockflowError } from '../errors.ts';
import { CONTEXT_KEYS, REQUIRED_CONTEXT_KEYS } from '../schema/context-keys.ts';
import { EVENT_FIELDS } from '../schema/event-fields.ts';
import type { ContextEvent, OpContext } from '../schema/generated/context-event.ts';
import { PRESENCE_BIT } from '../schema/generated/presence.ts';
import { readContextEvent } from './read-context-event.ts';
import { realLines } from './real-events.test.helper.ts';
import { SlotMemory } from './slot-memory.ts';
import { unknownContextKeys } from './unknown-context-keys.ts';
import { NO_ROOM, writeContextEvent } from './write-context-event.ts';

const MEMORY = SlotMemory.allocate(65536);
const BASE: OpContext = {
  ts_boot_ns: '1',
  op: 12,
  family: 2,
  remote_port: 0x50000000,
  local_port: 443,
  is_fullsock: 1,
  state: 1,
  cookie: '7',
};

function roundTrip(event: object, captured?: bigint): Record<string, unknown> {
  writeContextEvent(MEMORY, 0, event as ContextEvent, { captured });
  return readContextEvent(MEMORY, 0, { captured }) as unknown as Record<string, unknown>;
}

function refusal(event: object): { code: string; message: string; details: object } {
  try {
    writeContextEvent(MEMORY, 0, event as ContextEvent);
  } catch (error) {
    assert.ok(isSockflowError(error));
    return error;
  }
  return assert.fail('was not refused');
}

test('every field of every real event comes back, but for the line number and the current pid', () => {
  // E1, E4
  const lines = realLines();
  assert.equal(lines.length, 3595);
  for (const { seq, current_pid, ...kept } of lines) {
    assert.ok(seq >= 0 && current_pid >= 0);
    const back = roundTrip(kept);
    assert.deepEqual(back, kept);
    assert.deepEqual(Object.keys(back), Object.keys(kept));
  }
});

test('a slot takes 320 bytes with a TCP header and 256 without', () => {
  assert.equal(writeContextEvent(MEMORY, 0, BASE), 256);
  assert.equal(writeContextEvent(MEMORY, 0, { ...BASE, op: 13, tcp_header: 'ab'.repeat(60) }), 320);
});

test('a slot that the memory has no room for is not begun', () => {
  const words = MEMORY.u32.length;
  MEMORY.u32.fill(7, words - 64);
  const withHeader = { ...BASE, op: 13, tcp_header: 'ab' };
  assert.equal(writeContextEvent(MEMORY, words - 48, BASE), NO_ROOM);
  assert.equal(writeContextEvent(MEMORY, words - 64, withHeader), NO_ROOM);
  assert.ok(MEMORY.u32.subarray(words - 64).every((word) => word === 7));
  assert.equal(writeContextEvent(MEMORY, words - 64, BASE), 256);
});

test('a slot starts on a cache line', () => {
  // S2
  assert.throws(() => writeContextEvent(MEMORY, 8, BASE), {
    code: 'ERR_SOCKFLOW_FIELD_RANGE',
    message: 'word must be a multiple of 16 (S2), found 8',
  });
});

test('writing a slot leaves nothing of what lay there before', () => {
  MEMORY.u32.fill(0xffffffff);
  const event = { ...BASE, tcp_header: 'abcd', op: 13 };
  const clean = SlotMemory.allocate(320);
  writeContextEvent(clean, 0, event);
  writeContextEvent(MEMORY, 0, event);
  assert.deepEqual(MEMORY.u32.slice(0, 80), clean.u32.slice(0, 80));
  assert.equal(MEMORY.u32[80], 0xffffffff);
});

const REFUSED: readonly (readonly [field: string, value: unknown])[] = [
  ['op', 300],
  ['op', -1],
  ['op', 1.5],
  ['op', '12'],
  ['op', null],
  ['state', 256],
  ['family', 16],
  ['is_fullsock', 2],
  ['is_fullsock', true],
  ['has_skb', 2],
  ['owner_role', 4],
  ['bpf_sock_ops_cb_flags', 256],
  ['ecn_flags', 256],
  ['skb_tcp_flags', 65536],
  ['remote_port', 0x50000001],
  ['remote_port', 443],
  ['remote_port', 2 ** 32],
  ['local_port', 65536],
  ['cpu', 65536],
  ['sk_err', 65536],
  ['srtt_us', 2 ** 32],
  ['srtt_us', Number.NaN],
  ['remote_ip4', -1],
  ['args', [0, 0, 0]],
  ['args', [0, 0, 0, 2 ** 32]],
  ['args', 'none'],
  ['remote_ip6', [0, 0, 0, 0.5]],
  ['local_ip6', [0, 0, 0, '1']],
  ['ts_boot_ns', ''],
  ['ts_boot_ns', '-1'],
  ['ts_boot_ns', '0x10'],
  ['ts_boot_ns', ' 1'],
  ['ts_boot_ns', '1e3'],
  ['ts_boot_ns', '01'],
  ['ts_boot_ns', '18446744073709551616'],
  ['ts_boot_ns', '99999999999999999999'],
  ['ts_boot_ns', '100000000000000000000'],
  ['ts_boot_ns', 2n ** 64n],
  ['ts_boot_ns', -1n],
  ['ts_boot_ns', 2 ** 53],
  ['ts_boot_ns', 0.5],
  ['ts_boot_ns', {}],
  ['owner_comm', 'seventeen letters'],
  ['owner_comm', 'a\0b'],
  ['owner_comm', '日本'],
  ['owner_comm', 5],
  ['tcp_header', 'abc'],
  ['tcp_header', 'zz'],
  ['tcp_header', '0g'],
  ['tcp_header', 'ab'.repeat(61)],
  ['tcp_header', 5],
  ['sections', [[1, 'ab']]],
  ['sections', [[65536, 'ab']]],
  ['sections', [[2, 'a']]],
  ['sections', [[2]]],
  ['sections', 'none'],
  ['kind', 'PACKET'],
  ['kind', 1],
  ['kind', 'toString'],
];

for (const [field, value] of REFUSED) {
  const shown = typeof value === 'bigint' ? `${value}n` : JSON.stringify(value);
  test(`refuses ${field} ${shown}, naming field and value`, () => {
    // E2
    const error = refusal({ ...BASE, [field]: value });
    assert.equal(error.code, 'ERR_SOCKFLOW_FIELD_RANGE');
    assert.ok(error.message.startsWith(`${field} must be `), error.message);
    assert.ok(
      error.message.endsWith(
        `found ${field === 'sections' && Array.isArray(value) ? JSON.stringify(value[0]) : shown}`,
      ),
      error.message,
    );
    assert.equal((error.details as { field: string }).field, field);
    assert.equal(MEMORY.u32[0], 0, 'the refused slot has no length');
  });
}

for (const field of REQUIRED_CONTEXT_KEYS) {
  test(`refuses an event without ${field}`, () => {
    const { [field as keyof OpContext]: _, ...rest } = BASE;
    const error = refusal(rest);
    assert.equal(error.code, 'ERR_SOCKFLOW_FIELD_MISSING');
    assert.match(error.message, new RegExp(`needs ${field}$`));
  });
}

test('fields that an event lacks are absent, and left out again', () => {
  // E3
  const back = roundTrip(BASE);
  const meaningless = Object.keys(back).filter((key) => !(key in BASE));
  // Of what it lacks, only what means nothing in this event comes back, as the zero that lies there.
  const presence = (BigInt(MEMORY.u32[15]!) << 32n) | BigInt(MEMORY.u32[14]!);
  const given = new Set([...REQUIRED_CONTEXT_KEYS, 'lane_key']);
  for (const { name, bit } of EVENT_FIELDS) {
    assert.equal((presence >> BigInt(bit)) & 1n, given.has(name) ? 1n : 0n, name);
  }
  assert.deepEqual(meaningless, [
    'args',
    'remote_ip6',
    'local_ip6',
    'skb_len',
    'skb_tcp_flags',
    'skb_hwtstamp',
    'tcp_header',
    'owner_pid',
    'owner_comm',
    'owner_role',
  ]);
});

test('fields that the source could not read are left out wherever they stand', () => {
  const captured = REQUIRED_CONTEXT_KEYS.reduce(
    (mask, key) => mask | (1n << BigInt(PRESENCE_BIT[key as keyof typeof PRESENCE_BIT])),
    0n,
  );
  assert.deepEqual(roundTrip(BASE, captured), BASE);
  assert.deepEqual(roundTrip({ ...BASE, srtt_us: 8 }, captured), BASE);
});

test('keys that the schema does not know are passed over', () => {
  assert.deepEqual(roundTrip({ ...BASE, seq: 1, current_pid: 2, snd_cwd: 3 }), roundTrip(BASE));
});

test('keys that are not kept can be named', () => {
  assert.deepEqual(unknownContextKeys({ ...BASE, seq: 1, current_pid: 2 }), ['seq', 'current_pid']);
  for (const event of OWN_KINDS) assert.deepEqual(unknownContextKeys(event), []);
});

test('64-bit values come as text, bigint or safe number, and go as text', () => {
  const values: [unknown, string][] = [
    ['0', '0'],
    ['18446744073709551615', '18446744073709551615'],
    [2n ** 63n, '9223372036854775808'],
    [2 ** 53 - 1, '9007199254740991'],
    ['4294967296', '4294967296'],
  ];
  for (const [value, text] of values)
    assert.equal(roundTrip({ ...BASE, cookie: value })['cookie'], text);
});

test('any 64-bit value comes back from its text', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (value) => {
      const back = roundTrip({ ...BASE, cookie: value.toString(), netns_cookie: value });
      assert.equal(back['cookie'], value.toString());
      assert.equal(back['netns_cookie'], value.toString());
    }),
  );
});

test('a TCP header comes back in lower case, and with it that there was a segment', () => {
  const back = roundTrip({ ...BASE, op: 13, tcp_header: 'ABCDEF' });
  assert.equal(back['tcp_header'], 'abcdef');
  assert.equal((MEMORY.u32[3]! >>> 31) & 1, 1);
  assert.equal('has_skb' in back, false);
});

test('sections that the schema does not know are kept, whatever their length', () => {
  const sections = [
    [2, 'ab'],
    [65535, 'cd'.repeat(200)],
    [7, ''],
  ];
  const event = { ...BASE, op: 13, tcp_header: 'aabbcc', sections };
  assert.equal(writeContextEvent(MEMORY, 0, event as unknown as ContextEvent), 512);
  const back = roundTrip(event);
  assert.deepEqual(back['sections'], sections);
  assert.equal(back['tcp_header'], 'aabbcc');
  assert.deepEqual(roundTrip({ ...BASE, sections })['sections'], sections);
});

test('a section that reaches past its slot is not read', () => {
  // S7
  writeContextEvent(MEMORY, 0, { ...BASE, sections: [[2, 'ab']] });
  MEMORY.u32[64] = 2 | (61 << 16);
  assert.equal('sections' in readContextEvent(MEMORY, 0), false);
});

test('the key of a sendmsg is there only where ops 16 to 20 have one', () => {
  assert.equal(roundTrip({ ...BASE, op: 20, tskey: 5 })['tskey'], 5);
  assert.equal('tskey' in roundTrip({ ...BASE, op: 20 }), false);
  assert.equal('tskey' in roundTrip({ ...BASE, op: 12, tskey: 0 }), false);
});

test('refuses to read a slot of a kind it does not know', () => {
  writeContextEvent(MEMORY, 0, BASE);
  MEMORY.u32[2] = 9;
  assert.throws(() => readContextEvent(MEMORY, 0), { code: 'ERR_SOCKFLOW_FIELD_RANGE' });
});

const WORD = fc.integer({ min: 0, max: 0xffffffff });
const WORDS = fc.array(WORD, { minLength: 4, maxLength: 4 });
const U64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String);
const BYTE = fc.integer({ min: 0, max: 255 });

function hex(maxBytes: number): fc.Arbitrary<string> {
  return fc.uint8Array({ maxLength: maxBytes }).map((bytes) => Buffer.from(bytes).toString('hex'));
}

/** Any value of a field. */
function anyValue(name: string): fc.Arbitrary<unknown> {
  const field = EVENT_FIELDS.find((candidate) => candidate.name === name)!;
  if (name === 'remote_port') return fc.integer({ min: 0, max: 65535 }).map((port) => port * 65536);
  if (name === 'tcp_header') return hex(60);
  if (field.type === 'u64') return U64;
  if (field.type === 'u32x4') return WORDS;
  if (field.type === 'char16')
    return fc
      .array(fc.integer({ min: 1, max: 255 }), { maxLength: 16 })
      .map((codes) => String.fromCharCode(...codes));
  if (field.type === 'u8') return BYTE;
  if (field.type === 'u16') return fc.integer({ min: 0, max: 65535 });
  return field.bits === undefined ? WORD : fc.integer({ min: 0, max: 2 ** field.bits.width - 1 });
}

const KEYS = CONTEXT_KEYS.filter((key) => key !== 'tskey');

test('any event with all its fields comes back as it was', () => {
  const anyEvent = fc.record(Object.fromEntries(KEYS.map((key) => [key, anyValue(key)])), {
    noNullPrototype: true,
  });
  fc.assert(
    fc.property(anyEvent, (event) => assert.deepEqual(roundTrip(event), event)),
    { numRuns: 300 },
  );
});

test('what comes back, written again, gives the same slot', () => {
  const anyEvent = fc.record(Object.fromEntries(CONTEXT_KEYS.map((key) => [key, anyValue(key)])), {
    requiredKeys: [...REQUIRED_CONTEXT_KEYS],
  });
  fc.assert(
    fc.property(anyEvent, (event) => {
      const once = roundTrip(event);
      const slot = MEMORY.u32.slice(0, 80);
      assert.deepEqual(roundTrip(once), once);
      // Presence may grow: a field that means nothing and was missing has come back as zero. All else is the same.
      slot.fill(0, 14, 16);
      const again = MEMORY.u32.slice(0, 80).fill(0, 14, 16);
      if (!('has_skb' in event)) slot[3] = again[3]!;
      assert.deepEqual(again, slot);
    }),
    { numRuns: 300 },
  );
});

const OWN_KINDS: readonly ContextEvent[] = [
  {
    kind: 'SNAPSHOT',
    ts_boot_ns: '5',
    family: 10,
    remote_port: 0,
    local_port: 1,
    is_fullsock: 1,
    srtt_us: 800,
    state: 1,
    cookie: '9',
  },
  {
    kind: 'RTT_SUMMARY',
    ts_boot_ns: '5',
    cpu: 1,
    family: 2,
    remote_port: 0,
    local_port: 1,
    is_fullsock: 1,
    state: 1,
    cookie: '9',
    rtt_sum_us: '18446744073709551615',
    rtt_count: 3,
    rtt_low_us: 4,
    rtt_high_us: 5,
    rtt_buckets: Array.from({ length: 23 }, (_, index) => index),
  },
  {
    kind: 'LOSS_MARKER',
    ts_boot_ns: '5',
    gap_start_ns: '4',
    lost_ring_full: '1',
    lost_shed_first: '2',
    lost_shed_last: '3',
    lost_damaged: '4',
    lost_lane: 5,
  },
  {
    kind: 'CLOCK_ANCHOR',
    ts_boot_ns: '5',
    cpu: 1,
    realtime_ns: '1700000000000000000',
    monotonic_ns: '4',
    uncertainty_ns: '1',
  },
];

for (const event of OWN_KINDS) {
  test(`a ${event.kind} comes back as it was written`, () => {
    const back = roundTrip(event);
    assert.deepEqual({ ...back, ...event }, back);
    assert.equal('op' in back, false);
  });

  test(`a ${event.kind} needs what makes it one`, () => {
    const last = Object.keys(event).at(-1)!;
    const error = refusal({ ...event, [last]: undefined });
    assert.equal(error.code, 'ERR_SOCKFLOW_FIELD_MISSING');
    assert.match(error.message, new RegExp(`kind ${event.kind} needs ${last}$`));
  });
}
