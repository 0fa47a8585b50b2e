import { toJsonSchema } from '@valibot/to-json-schema';

import { BENCH_DOCUMENT_SCHEMA } from './bench-document-schema.ts';

/** The file packages/benchmark/bench.schema.json. */
export function benchSchemaText(): string {
  const schema = {
    ...toJsonSchema(BENCH_DOCUMENT_SCHEMA),
    title: "Document of a benchmark's run",
    $comment: 'Generated from packages/benchmark/src/document by `pnpm generate`: change it there.',
  };
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}
