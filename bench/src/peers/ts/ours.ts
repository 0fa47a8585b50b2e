import { type Batch, filterFlags, filterOp, fromSource, Op, type SlotSpan } from '@sockflow/core';
import type { Observable } from 'rxjs';

import { everyField } from '../../decode/every-field.ts';
import { fiveFields } from '../../decode/five-fields.ts';
import { ANY_CB, OPS } from '../../harness/bench-filter.ts';
import { drain } from '../../harness/drain.ts';
import { memorySource } from '../../harness/memory-source.ts';
import type { Found, Task } from './peer.ts';

/** What the peers are asked, through our public API. */
export const OURS: Readonly<Record<Task, (spans: readonly SlotSpan[]) => Promise<Found>>> = {
  'five-fields': async (spans) => {
    let count = 0;
    let checksum = 0;
    await drain(opEvents(spans), (batch) => {
      batch.forEach((event) => {
        checksum = (checksum + fiveFields(event)) | 0;
      });
      count += batch.size;
    });
    return { count, checksum: checksum >>> 0 };
  },
  'every-field': async (spans) => {
    let count = 0;
    let checksum = 0;
    await drain(opEvents(spans), (batch) => {
      batch.forEach((event) => {
        checksum = (checksum + everyField(event)) | 0;
      });
      count += batch.size;
    });
    return { count, checksum: checksum >>> 0 };
  },
  filter: async (spans) => {
    let count = 0;
    const survivors = slots(spans).pipe(filterOp(...OPS), filterFlags({ cb: { any: ANY_CB } }));
    await drain(survivors, (batch) => {
      count += batch.size;
    });
    return { count, checksum: 0 };
  },
};

function slots(spans: readonly SlotSpan[]): Observable<Batch> {
  return fromSource(memorySource(spans), { views: 'reused' });
}

function opEvents(spans: readonly SlotSpan[]): Observable<Batch> {
  return slots(spans).pipe(filterOp(...Object.values(Op)));
}
