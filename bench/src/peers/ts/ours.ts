import { type Batch, filterFlags, filterOp, fromSource, Op, type SlotSpan } from '@sockflow/core';
import type { Observable } from 'rxjs';

import { everyField } from '../../decode/every-field.ts';
import { fiveFields } from '../../decode/five-fields.ts';
import { foldEveryField } from '../../decode/fold-every-field.ts';
import { ANY_CB, OPS } from '../../harness/bench-filter.ts';
import { drain } from '../../harness/drain.ts';
import { memorySource } from '../../harness/memory-source.ts';
import type { Found, Task } from './peer.ts';

/** One way through our public API to what the peers are asked. */
export interface OurWay {
  readonly name: string;
  readonly task: Task;
  /** What its cases' names have more. */
  readonly suffix: string;
  readonly run: (spans: readonly SlotSpan[]) => Promise<Found>;
}

const foldEvery = foldEveryField();

export const OUR_WAYS: readonly OurWay[] = [
  {
    name: 'five fields of views',
    task: 'five-fields',
    suffix: '',
    run: (spans) =>
      summed(spans, (batch, checksum) => {
        let sum = checksum;
        batch.forEach((event) => {
          sum = (sum + fiveFields(event)) | 0;
        });
        return sum;
      }),
  },
  {
    name: 'every field of views',
    task: 'every-field',
    suffix: '',
    run: (spans) =>
      summed(spans, (batch, checksum) => {
        let sum = checksum;
        batch.forEach((event) => {
          sum = (sum + everyField(event)) | 0;
        });
        return sum;
      }),
  },
  {
    name: 'every field by foldFields',
    task: 'every-field',
    suffix: '-fold',
    run: (spans) => summed(spans, foldEvery),
  },
  {
    name: 'filterOp and filterFlags',
    task: 'filter',
    suffix: '',
    run: async (spans) => {
      let count = 0;
      const survivors = slots(spans).pipe(filterOp(...OPS), filterFlags({ cb: { any: ANY_CB } }));
      await drain(survivors, (batch) => {
        count += batch.size;
      });
      return { count, checksum: 0 };
    },
  },
];

function slots(spans: readonly SlotSpan[]): Observable<Batch> {
  return fromSource(memorySource(spans), { views: 'reused' });
}

async function summed(
  spans: readonly SlotSpan[],
  add: (batch: Batch, checksum: number) => number,
): Promise<Found> {
  let count = 0;
  let checksum = 0;
  await drain(slots(spans).pipe(filterOp(...Object.values(Op))), (batch) => {
    checksum = add(batch, checksum);
    count += batch.size;
  });
  return { count, checksum: checksum >>> 0 };
}
