/* Lines of context-json that somebody else wrote, or spoilt: each gives an event that a slot holds, or an error with a code that names what is wrong. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';

import {
  type ContextEvent,
  isSockflowError,
  NO_ROOM,
  readContextEvent,
  SlotMemory,
  SlotView,
  writeContextEvent,
} from '@sockflow/core';
import * as fc from 'fast-check';

import { parseContextLine } from './parse-context-line.ts';

const FIXTURES = new URL('../../../../fixtures/', import.meta.url);
const LINES = [
  ...gunzipSync(readFileSync(new URL('real-context.ndjson.gz', FIXTURES)))
    .toString()
    .trimEnd()
    .split('\n')
    .filter((_, index) => index % 61 === 0),
  ...readFileSync(new URL('synthetic-context.ndjson', FIXTURES), 'utf8').trimEnd().split('\n'),
];
const KEYS = [...new Set(LINES.flatMap((line) => Object.keys(JSON.parse(line) as object)))];
// oxfmt-ignore
const VALUES: readonly string[] = [
  'null', 'true', '0', '1', '-1', '-0', '0.5', '255', '256', '65535', '65536', '4294967295',
  '4294967296', '9007199254740993', '1e30', '1e999', '[]', '{}', '""', '"x"', '"0"', '"-1"',
  '"18446744073709551615"', '"18446744073709551616"', '" 1"', '"1e3"', '[1,2,3]', '[1,2,3,4]',
  '[1,2,3,-4]', '"SNAPSHOT"', '"RTT_SUMMARY"', '"LOSS_MARKER"', '"toString"', '[[64,"00"]]',
  '[[0,""]]', '[[1,"zz"]]', '[[300,"00"]]', '"00ff0"', `"${'ab'.repeat(70)}"`, '"\\u0000"', '"\\ud800é"',
];

const anyLine = fc
  .record({
    line: fc.constantFrom(...LINES),
    keys: fc.array(
      fc.record({
        key: fc.constantFrom(...KEYS, 'kind', 'sections', 'tcp_header', '__proto__'),
        value: fc.oneof(fc.constantFrom(...VALUES), fc.json({ maxDepth: 3 })),
        isLeftOut: fc.boolean(),
      }),
      { maxLength: 3 },
    ),
    bytes: fc.array(fc.record({ at: fc.nat(2000), text: fc.string({ maxLength: 2 }) }), {
      maxLength: 2,
    }),
  })
  .map(({ line, keys, bytes }) => {
    let text = line;
    for (const { key, value, isLeftOut } of keys) {
      if (isLeftOut) text = text.replace(`"${key}":`, '"left_out":');
      else text = text.replace(/}$/, () => `,${JSON.stringify(key)}:${value}}`);
    }
    for (const { at, text: more } of bytes) {
      const place = at % (text.length + 1);
      text = text.slice(0, place) + more + text.slice(place + more.length);
    }
    return text;
  });

const memory = SlotMemory.allocate(1 << 20);

function check(line: string): void {
  let event: ContextEvent;
  try {
    event = parseContextLine(line, 'in.ndjson', 3);
    const bytes = writeContextEvent(memory, 0, event);
    if (bytes === NO_ROOM) return;
    assert.ok(bytes >= 256 && bytes % 64 === 0);
  } catch (error) {
    assert.ok(isSockflowError(error), `${String(error)} of ${line}`);
    assert.ok(error.message.length < 2000, 'a message that repeats all of its line');
    return;
  }
  // What was taken is told again the same, and has a view.
  const told = readContextEvent(memory, 0);
  new SlotView(memory.u32, memory.big, 0, { id: 'host' }).toObject();
  writeContextEvent(memory, 0, told);
  assert.deepEqual(readContextEvent(memory, 0), told);
}

for (const [title, options] of [
  ['the same ones each time', { seed: 1 }],
  ['others each time', {}],
] as const) {
  test(`spoilt lines of context-json are taken whole or refused with a code: ${title}`, () => {
    fc.assert(fc.property(anyLine, check), { numRuns: 1500, ...options });
  });
}
