import { type Batch, filterFlags, filterOp, fromSource } from '@sockflow/core';
import type { Observable } from 'rxjs';

import { ANY_CB, OPS } from '../harness/bench-filter.ts';
import { drain } from '../harness/drain.ts';
import { memorySource } from '../harness/memory-source.ts';
import type { SlotInput } from '../harness/slot-input.ts';

/** Batches of an input that pass the filter of the benchmarks. */
export function survivors(input: SlotInput): Observable<Batch> {
  return fromSource(memorySource(input.spans), { views: 'reused' }).pipe(
    filterOp(...OPS),
    filterFlags({ cb: { any: ANY_CB } }),
  );
}

/** Filters, and nothing else is read: `COUNT CHECKSUM` of the survivors' word indices, what `scan` of bench/c/slots.c does. */
export async function ourScan(input: SlotInput): Promise<string> {
  let count = 0;
  let checksum = 0;
  await drain(survivors(input), (batch) => {
    const { words, size } = batch.raw;
    for (let index = 0; index < size; index++) checksum = (checksum + words[index]!) | 0;
    count += size;
  });
  return `${count} ${checksum >>> 0}`;
}
