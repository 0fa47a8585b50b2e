import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isSockflowError, type Origin } from '@sockflow/core';
import { ndjson } from '@sockflow/sinks';
import { generateSlots } from '@sockflow/source-replay/generate';
import * as fc from 'fast-check';

import { encodedSlots } from './encoded-events.test.support.ts';
import { FIELD_NAMES } from './event-fields.ts';
import { JsonDecoder } from './json-decoder.ts';
import { JsonReader } from './json-reader.ts';
import { SlotOutput } from './slot-output.ts';
import { type ValueKind, writeFields } from './write-fields.ts';

const ORIGIN: Origin = {
  id: 'host',
  hz: 250,
  clock: { bootNs: 5n, realtimeNs: 9n },
};

/** What came of a value: its slot, or what was said of it. */
type Outcome = readonly number[] | string;

function outcomeOf(decode: (output: SlotOutput) => void): Outcome {
  const output = new SlotOutput(4096);
  try {
    decode(output);
  } catch (error) {
    if (!isSockflowError(error)) throw error;
    assert.equal(output.endWord, 0);
    return error.message;
  }
  return [...output.memory.u32.subarray(0, output.endWord)];
}

/** The general way, which does without the reader. */
function general(value: Buffer, kind: ValueKind, origin: Origin): Outcome {
  let fields: unknown;
  try {
    fields = JSON.parse(value.toString());
  } catch {
    return 'the value is no JSON';
  }
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields))
    return 'the value is JSON, but no object';
  return outcomeOf((output) =>
    writeFields(fields as Record<string, unknown>, value.length, kind, origin, output),
  );
}

/** One for all values, so that each finds what those before it have left. */
const decoders = { event: new JsonDecoder('event'), marker: new JsonDecoder('marker') };

function assertSame(value: Buffer, origin: Origin): void {
  for (const kind of ['event', 'marker'] as const) {
    const found = outcomeOf((output) => decoders[kind].decode(value, origin, output));
    assert.deepEqual(found, general(value, kind, origin), value.toString());
  }
}

const encoder = ndjson().createEncoder();
const generated = generateSlots({ connections: 60, seed: 11 }).spans.flatMap((span) =>
  encodedSlots(span, encoder, 1),
);

test('reads every value that our sink writes itself, and leaves none of them to the general way', () => {
  const reader = new JsonReader();
  const own = generated.filter(({ value }) => !value.includes('"sections":[{'));
  assert.ok(own.length > 500);
  for (const { value } of own) assert.ok(reader.read(value), value.toString());
});

test('generated events are the slots that the general way makes, byte for byte', () => {
  for (const { value, origin } of generated) assertSame(value, origin);
});

test('events changed at random give what the general way gives: the same slot, or the same refusal', () => {
  const pieces = fc.constantFrom(
    '"',
    ',',
    ':',
    '{',
    '}',
    '[',
    ']',
    '\\',
    '-',
    '0',
    '1',
    '.',
    'e',
    ' ',
    'null',
    'true',
    '\n',
    'é',
    '\u0000',
    '99999999',
  );
  fc.assert(
    fc.property(
      fc.nat(generated.length - 1),
      fc.array(fc.tuple(fc.nat(2000), fc.nat(3), pieces), { minLength: 1, maxLength: 3 }),
      (index, changes) => {
        const { value, origin } = generated[index]!;
        let text = value.toString();
        for (const [place, cut, piece] of changes) {
          const at = place % text.length;
          text = text.slice(0, at) + piece + text.slice(at + cut);
        }
        assertSame(Buffer.from(text), origin);
      },
    ),
    { numRuns: 3000 },
  );
});

test('objects of any fields and values, in any order and twice, give what the general way gives', () => {
  const plain = fc.oneof(
    fc.constantFrom('null', 'true', 'false', '0', '-0', '1', '-1', '255', '65535', '4294967296'),
    fc.constantFrom('1.5', '1e3', '01', '123456789012345', '1234567890123456', '"0"', '"007"'),
    fc.constantFrom(
      '"18446744073709551615"',
      '"18446744073709551616"',
      '"123456789012345"',
      '"-1"',
    ),
    fc.constantFrom(
      '"AF_INET"',
      '"AF_INET6"',
      '"10.0.0.1"',
      '"fe80::1"',
      '"ESTABLISHED"',
      '"SYN|ACK"',
    ),
    fc.constantFrom(
      '[]',
      '[1]',
      '[1,2,3,4]',
      '[1,-2]',
      '[1,"2"]',
      '[[1]]',
      '{}',
      '"host"',
      '"\\u0041"',
      '"é"',
    ),
  );
  const names = fc.constantFrom(
    ...FIELD_NAMES,
    'originId',
    '__proto__',
    'toString',
    'other',
    'é',
    '',
  );
  const base =
    '"op":"RTO_CB","tsNs":"5000","cookie":"7","family":"AF_INET","localPort":443,"remotePort":51234,"state":"ESTABLISHED","isFullsock":true';
  fc.assert(
    fc.property(
      fc.array(fc.tuple(names, plain), { maxLength: 6 }),
      fc.boolean(),
      fc.boolean(),
      (pairs, isEvent, isFirst) => {
        const own = pairs.map(([name, value]) => `${JSON.stringify(name)}:${value}`);
        const all = isEvent ? (isFirst ? [...own, base] : [base, ...own]) : own;
        assertSame(Buffer.from(`{${all.join(',')}}`), ORIGIN);
      },
    ),
    { numRuns: 5000 },
  );
});
