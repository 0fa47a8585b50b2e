import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { type Batch, filterKind, Kind, SlotMemory } from '@sockflow/core';
import { fromReplay } from '@sockflow/source-replay';
import { requireTool, useTempDir } from '@sockflow/test-support';
import * as fc from 'fast-check';
import { from } from 'rxjs';

import { batchOf, ORIGIN } from '../../batch-of.test.support.ts';
import { file } from '../../file/file.ts';
import { writeTo } from '../../write-to.ts';
import { anyOrigin, anySlot, exactObject, SLOT_WORDS } from '../any-event.test.support.ts';
import { encodedFile } from '../encoded-text.test.support.ts';
import type { Encoder } from '../encoding.ts';
import { EVENT_FIELD_NAMES, MARKER_FIELD_NAMES } from '../event-code/event-fields.ts';
import { csv, type CsvOptions } from './csv.ts';

const RECORDING = fileURLToPath(new URL('../../../../../fixtures/real.sfrec', import.meta.url));
const ALL_COLUMNS = [...EVENT_FIELD_NAMES, ...MARKER_FIELD_NAMES];
/** Of Python's csv module: every row of the standard input, as JSON. */
const PYTHON_READER =
  'import csv, io, json, sys; text = io.TextIOWrapper(sys.stdin.buffer, "utf-8", newline=""); csv.field_size_limit(10**8); print(json.dumps(list(csv.reader(text, strict=True))))';

/** What a reader of CSV gets: a text. */
function asText(value: unknown): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return value;
  return typeof value === 'object'
    ? JSON.stringify(value)
    : (value as number | bigint | boolean).toString();
}

function slowCell(value: unknown): string {
  if (value === undefined || value === null) return '';
  const text = asText(value);
  if (typeof value === 'string' && text === '') return '""';
  let quotes = 0;
  let escaped = '';
  for (const character of text) {
    if (['"', ',', '\r', '\n'].includes(character)) quotes++;
    escaped += character === '"' ? '""' : character;
  }
  return quotes === 0 ? text : `"${escaped}"`;
}

function slowLines(
  columns: readonly string[],
  objects: readonly Record<string, unknown>[],
): string {
  const rows = [columns, ...objects.map((object) => columns.map((column) => object[column]))];
  return rows
    .map((row) => row.map(slowCell).join(',') || '""')
    .map((line) => `${line}\r\n`)
    .join('');
}

function fileOf(encoder: Encoder, batch: Batch): string {
  return encodedFile(encoder, (out) => encoder.encodeBatch(batch, out));
}

/** A file of these values. */
function written(encoder: Encoder, ...values: unknown[]): string {
  return encodedFile(encoder, (out) => {
    for (const value of values) encoder.encodeValue(value, out);
  });
}

function readByPython(text: string): string[][] {
  const run = spawnSync('python3', ['-c', PYTHON_READER], {
    input: text,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  assert.equal(run.status, 0, run.stderr);
  return JSON.parse(run.stdout) as string[][];
}

test('an event is written byte for byte as a slow encoder writes it, all 64 bits of each number', () => {
  const memory = SlotMemory.allocate(SLOT_WORDS * 4);
  fc.assert(
    fc.property(anySlot, anyOrigin, (fill, origin) => {
      fill(memory);
      const batch = batchOf(memory, [0], origin);
      const object = exactObject(batch.toObjects()[0]!, memory);
      assert.equal(fileOf(csv().createEncoder(), batch), slowLines(ALL_COLUMNS, [object]));
    }),
    { numRuns: 2000 },
  );
});

test('only the columns asked for are written, in the order asked for, under the names asked for', () => {
  const memory = SlotMemory.allocate(SLOT_WORDS * 4);
  const someColumns = fc.shuffledSubarray(ALL_COLUMNS, { minLength: 1 });
  fc.assert(
    fc.property(anySlot, someColumns, (fill, columns) => {
      fill(memory);
      const batch = batchOf(memory, [0], ORIGIN);
      const object = exactObject(batch.toObjects()[0]!, memory);
      const fields = columns.map((column, index) =>
        index % 3 === 0 ? `${column} as "${column}", größer` : column,
      );
      const text = fileOf(csv({ fields }).createEncoder(), batch);
      const end = text.indexOf('\r\n');
      const names = columns.map((column, index) =>
        index % 3 === 0 ? `"""${column}"", größer"` : column,
      );
      assert.equal(text.slice(0, end), names.join(','));
      assert.equal(text.slice(end), slowLines(columns, [object]).slice(columns.join(',').length));
    }),
    { numRuns: 150 },
  );
});

test("Python's csv module reads events as they were", (t) => {
  if (!requireTool(t, 'python3')) return;
  const memory = SlotMemory.allocate(SLOT_WORDS * 4);
  const encoder = csv().createEncoder();
  const objects: Record<string, unknown>[] = [];
  const text = encodedFile(encoder, (out) => {
    fc.assert(
      fc.property(anySlot, anyOrigin, (fill, origin) => {
        fill(memory);
        const batch = batchOf(memory, [0], origin);
        objects.push(exactObject(batch.toObjects()[0]!, memory));
        encoder.encodeBatch(batch, out);
      }),
      { numRuns: 1000 },
    );
  });
  const rows = readByPython(text);
  assert.deepEqual(rows[0], ALL_COLUMNS);
  assert.deepEqual(
    rows.slice(1),
    objects.map((object) => ALL_COLUMNS.map((column) => asText(object[column]))),
  );
});

test("Python's csv module reads values as they were, whatever their texts and keys", (t) => {
  if (!requireTool(t, 'python3')) return;
  const anyText = fc.string({ unit: fc.constantFrom('a', '"', ',', '\r', '\n', 'ü', ' ', '😀') });
  const anyValue = fc.oneof(
    anyText,
    fc.bigInt(),
    fc.double({ noNaN: true }),
    fc.boolean(),
    fc.constant(undefined),
    fc.array(anyText),
  );
  const keys = fc.uniqueArray(anyText, { minLength: 1, maxLength: 5 });
  const tables = fc.sample(
    keys.chain((names) =>
      fc.tuple(
        fc.constant(names),
        fc.array(fc.tuple(...names.map(() => anyValue)), { minLength: 1, maxLength: 20 }),
      ),
    ),
    20,
  );
  for (const [names, rows] of tables) {
    const values = rows.map((row) =>
      Object.fromEntries(names.map((name, index) => [name, row[index]])),
    );
    const columns = Object.keys(values[0]!);
    assert.deepEqual(readByPython(written(csv().createEncoder(), ...values)), [
      columns,
      ...values.map((value) => columns.map((column) => asText(value[column]))),
    ]);
  }
});

test('markers are rows of their kind in their places, where the kind is a column', () => {
  const memory = SlotMemory.allocate(2 * SLOT_WORDS * 4);
  const words = [0, SLOT_WORDS];
  for (const word of words) memory.u32[word + 2] = 1;
  const loss = {
    kind: 'LOSS_MARKER',
    beforeIndex: 1,
    tsNs: 2n ** 63n,
    gapStartNs: 10n,
    lostRingFull: 5,
    lostShedFirst: 0,
    lostShedLast: 0,
    lostDamaged: 0,
    lane: 3,
  } as const;
  const batch = batchOf(memory, words, ORIGIN, [loss]);
  const linesOf = (fields: readonly string[]): string[] =>
    fileOf(csv({ fields }).createEncoder(), batch).split('\r\n');
  assert.deepEqual(linesOf(['kind', 'tsNs', 'lostRingFull', 'lane', 'cookie']), [
    'kind,tsNs,lostRingFull,lane,cookie',
    'OP,0,,,0',
    'LOSS_MARKER,9223372036854775808,5,3,',
    'OP,0,,,0',
    '',
  ]);
  assert.deepEqual(linesOf(['tsNs', 'lostRingFull']), ['tsNs,lostRingFull', '0,', '0,', '']);
});

test('each file begins with the header: chosen columns before the first item, the keys of the first value again in every further part', () => {
  const chosen = csv({ fields: ['b', 'a as first'] }).createEncoder();
  assert.equal(written(chosen), 'b,first\r\n');
  assert.equal(written(chosen, { a: 1, b: 'x', c: 0 }, {}), 'b,first\r\nx,1\r\n,\r\n');
  const byValue = csv().createEncoder();
  assert.equal(written(byValue), '');
  assert.equal(written(byValue, { a: 1, b: null }), 'a,b\r\n1,\r\n');
  assert.equal(written(byValue, { b: 2 }), 'a,b\r\n,2\r\n');
  assert.equal(written(byValue), 'a,b\r\n');
});

test('parts of a series begin with the header, for events and for values whose keys make it', async (t) => {
  const folder = useTempDir(t);
  const rows = Array.from({ length: 3000 }, (_, index) => ({
    index,
    text: 'x'.repeat(index % 50),
  }));
  for (const [name, source] of [
    ['values', from(rows)],
    ['events', fromReplay(RECORDING).pipe(filterKind(Kind.OP))],
  ] as const) {
    const sink = file(join(folder, `${name}.csv`), { rotateBytes: 20_000 });
    const { given } = await writeTo(source, sink);
    const parts = readdirSync(folder).filter((part) => part.startsWith(name));
    const texts = parts.map((part) => readFileSync(join(folder, part), 'utf8'));
    assert.ok(parts.length > 3, `${parts.length} parts`);
    const [header] = texts[0]!.split('\r\n');
    assert.equal(header, name === 'values' ? 'index,text' : ALL_COLUMNS.join(','));
    assert.ok(texts.every((text) => text.startsWith(`${header}\r\n`) && text.length <= 20_000));
    const lines = texts.reduce((sum, text) => sum + text.split('\r\n').length - 2, 0);
    assert.equal(lines, given);
  }
});

test('a key that the first value did not have is refused with the columns to name; one without a value is none', () => {
  const encoder = csv().createEncoder();
  assert.equal(written(encoder, { a: 1 }, { a: 2, b: undefined }), 'a\r\n1\r\n2\r\n');
  assert.throws(() => written(encoder, { a: 1, b: 2 }), {
    code: 'ERR_SOCKFLOW_SINK_VALUE',
    message: /'b'/,
    remedy: /fields: \['a', 'b'\]/,
  });
});

test('values are rows: maps and dates too, lists and objects as JSON; what is no object is refused', () => {
  const row = {
    when: new Date(0),
    list: [1, 'a,b'],
    nested: { x: 2n ** 64n },
    ok: true,
    none: null,
  };
  assert.equal(
    written(csv().createEncoder(), row, new Map(Object.entries({ list: 'text', ok: 7n }))),
    'when,list,nested,ok,none\r\n' +
      '1970-01-01T00:00:00.000Z,"[1,""a,b""]","{""x"":""18446744073709551616""}",true,\r\n' +
      ',text,,7,\r\n',
  );
  for (const value of [1, 'text', null, undefined, [1], new Set([1]), {}]) {
    assert.throws(() => written(csv().createEncoder(), value), { code: 'ERR_SOCKFLOW_SINK_VALUE' });
  }
});

test('columns that no event has are refused when events come, and only then', () => {
  const memory = SlotMemory.allocate(SLOT_WORDS * 4);
  const encoder = csv({ fields: ['op', 'flow'] }).createEncoder();
  assert.equal(written(encoder, { flow: 'a' }), 'op,flow\r\n,a\r\n');
  assert.throws(() => fileOf(encoder, batchOf(memory, [0])), {
    code: 'ERR_SOCKFLOW_UNKNOWN_NAME',
    message: /'flow'/,
  });
});

test('no column, one chosen twice or two of a name are refused', () => {
  for (const fields of [[], ['op', 'op'], ['op', 'op as other'], ['op as x', 'kind as x']]) {
    assert.throws(() => csv({ fields }), { code: 'ERR_SOCKFLOW_INVALID_OPTION' });
  }
});

test('lines end and begin as they are asked to', () => {
  const memory = SlotMemory.allocate(320);
  memory.u32[0] = 248;
  memory.u32[2] = Kind.OP | (12 << 8);
  const fields = ['kind', 'op'];
  const text = (options: CsvOptions): string => {
    const encoder = csv({ fields, ...options }).createEncoder();
    return encodedFile(encoder, (out) => {
      encoder.encodeBatch(batchOf(memory, [0]), out);
      encoder.encodeValue({ kind: 'a', op: 'b' }, out);
    });
  };
  assert.equal(text({}), 'kind,op\r\nOP,RTT_CB\r\na,b\r\n');
  assert.equal(text({ lineEnd: '\n' }), 'kind,op\nOP,RTT_CB\na,b\n');
  assert.equal(text({ lineEnd: '\n', hasHeader: false }), 'OP,RTT_CB\na,b\n');
});
