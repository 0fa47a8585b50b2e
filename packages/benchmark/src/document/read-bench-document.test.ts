import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import type { BenchDocument } from '../bench-document.ts';
import { testDocument } from '../html-report/document.test.support.ts';
import { BenchDocumentError } from './bench-document-error.ts';
import { benchDocumentText } from './bench-document-text.ts';
import { benchSchemaText } from './bench-schema-text.ts';
import { readBenchDocument } from './read-bench-document.ts';

const PACKAGE = new URL('../../', import.meta.url);

test('a document is read as it was written', () => {
  const document = testDocument();
  assert.deepEqual(readBenchDocument(benchDocumentText(document)), document);
});

test('what there is not is null in the file, not left out', () => {
  const row = (JSON.parse(benchDocumentText(testDocument())) as BenchDocument).results.at(-1);
  assert.equal(row?.baseline, null);
  assert.equal(row?.ratio, null);
});

test('keys of a later version are left alone', () => {
  const later = { ...testDocument(), color: 'green' };
  assert.deepEqual(readBenchDocument(benchDocumentText(later)), testDocument());
});

test('refuses what is no document, and says where', () => {
  const row = testDocument().results[0];
  const refused: readonly (readonly [text: string, message: RegExp])[] = [
    ['', /no JSON/],
    ['7', /the whole/],
    ['{}', /schema/],
    [benchDocumentText({ ...testDocument(), schema: 'sockflow-bench/2' as never }), /schema/],
    [benchDocumentText({ ...testDocument(), tookS: NaN }), /tookS/],
    [benchDocumentText({ ...testDocument(), startedAt: 'today' }), /startedAt/],
    [
      benchDocumentText(testDocument({ results: [{ ...row, kind: 'rival' } as never] })),
      /results\.0\.kind/,
    ],
  ];
  for (const [text, message] of refused) {
    assert.throws(
      () => readBenchDocument(text),
      (error) => error instanceof BenchDocumentError && message.test(error.message),
      text,
    );
  }
});

test('bench.schema.json is what the schema says', () => {
  assert.equal(readFileSync(new URL('bench.schema.json', PACKAGE), 'utf8'), benchSchemaText());
});

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema | readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
}

/** Names of all keys, however deep. */
function keysOf(schema: JsonSchema): string[] {
  const parts = [schema.items ?? [], schema.anyOf ?? []].flat();
  const own = Object.entries(schema.properties ?? {});
  return [...own.flatMap(([key, part]) => [key, ...keysOf(part)]), ...parts.flatMap(keysOf)];
}

test('the reference page names every key', () => {
  const page = readFileSync(new URL('../../docs/reference/benchmarks.md', PACKAGE), 'utf8');
  const missing = keysOf(JSON.parse(benchSchemaText()) as JsonSchema).filter(
    (key) => !page.includes(`\`${key}\``),
  );
  assert.deepEqual(missing, []);
});
