import type { Batch } from '@sockflow/core';

/** Whether what a sink is given is a batch; everything else is a value. */
export function isBatch(input: unknown): input is Batch {
  return (
    typeof input === 'object' &&
    input !== null &&
    'raw' in input &&
    'markers' in input &&
    'retain' in input
  );
}
