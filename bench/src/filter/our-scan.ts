import { filterFlags, filterOp, fromSource } from '@sockflow/core';

import { ANY_CB, OPS } from '../harness/bench-filter.ts';
import { drain } from '../harness/drain.ts';
import { memorySource } from '../harness/memory-source.ts';
import type { SlotInput } from '../harness/slot-input.ts';

/** Filters, and nothing else is read: `COUNT CHECKSUM` of the survivors' word indices, what `scan` of bench/c/slots.c does. */
export async function ourScan(input: SlotInput): Promise<string> {
  let count = 0;
  let checksum = 0;
  const survivors = fromSource(memorySource(input.spans), { views: 'reused' }).pipe(
    filterOp(...OPS),
    filterFlags({ cb: { any: ANY_CB } }),
  );
  await drain(survivors, (batch) => {
    const { words, size } = batch.raw;
    for (let index = 0; index < size; index++) checksum = (checksum + words[index]!) | 0;
    count += size;
  });
  return `${count} ${checksum >>> 0}`;
}
