import type { BenchDocument } from '../bench-document.ts';

/** A document as one line of JSON, `null` for what there is not. */
export function benchDocumentText(document: BenchDocument): string {
  return `${JSON.stringify(document, (_key, value: unknown) => (value === undefined ? null : value))}\n`;
}
