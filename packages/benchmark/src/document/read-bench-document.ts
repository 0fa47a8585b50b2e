import * as v from 'valibot';

import { BENCH_SCHEMA, type BenchDocument } from '../bench-document.ts';
import { BenchDocumentError } from './bench-document-error.ts';
import { BENCH_DOCUMENT_SCHEMA } from './bench-document-schema.ts';

/** Reads what {@link benchDocumentText} wrote. @throws BenchDocumentError where it is no document, or one of another number */
export function readBenchDocument(text: string): BenchDocument {
  const found = v.safeParse(BENCH_DOCUMENT_SCHEMA, parse(text));
  if (found.success) return withoutNull(found.output) as BenchDocument;
  const [issue] = found.issues;
  throw new BenchDocumentError(
    `no benchmark document (${BENCH_SCHEMA}): ${v.getDotPath(issue) ?? 'the whole'}: ${issue.message}`,
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new BenchDocumentError(`no benchmark document (${BENCH_SCHEMA}): no JSON`, {
      cause: error,
    });
  }
}

function withoutNull(value: unknown): unknown {
  if (value === null) return undefined;
  if (Array.isArray(value)) return value.map(withoutNull);
  if (typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withoutNull(one)]));
}
