import type { Batch } from './batch.ts';

/** Whether what a sink or an operator is given is a batch, also one of another copy of this package; everything else is a value. */
export function isBatch(input: unknown): input is Batch {
  return (
    typeof input === 'object' &&
    input !== null &&
    'raw' in input &&
    'markers' in input &&
    'retain' in input
  );
}
