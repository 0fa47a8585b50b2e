import { type Pass, timedAsync } from '@sockflow/benchmark';
import type { Batch } from '@sockflow/core';
import type { Observable } from 'rxjs';

import { fiveFields } from '../../decode/five-fields.ts';
import { drain } from '../../harness/drain.ts';

const LOW_TIME_WORD = 4;

/** How many survive, and the sum of where they lie: no field of theirs is read. */
export function countPass(batches: () => Observable<Batch>): Promise<Pass> {
  return timedAsync(async () => {
    let count = 0;
    let checksum = 0;
    await drain(batches(), (batch) => {
      const { words, size } = batch.raw;
      for (let index = 0; index < size; index++)
        checksum = (checksum + (words[index] as number)) | 0;
      count += size;
    });
    return `${count} ${checksum >>> 0}`;
  });
}

/** How many survive, and five fields of theirs, through the public accessors. */
export function fiveFieldsPass(batches: () => Observable<Batch>): Promise<Pass> {
  return timedAsync(async () => {
    let count = 0;
    let checksum = 0;
    await drain(batches(), (batch) => {
      batch.forEach((event) => {
        checksum = (checksum + fiveFields(event)) | 0;
      });
      count += batch.size;
    });
    return `${count} ${checksum >>> 0}`;
  });
}

/** How many survive, and the sum of the low words of their times: what files.c tells. */
export function timesPass(batches: () => Observable<Batch>): Promise<Pass> {
  return timedAsync(async () => {
    let count = 0;
    let checksum = 0;
    await drain(batches(), (batch) => {
      const { memory, words, size } = batch.raw;
      for (let index = 0; index < size; index++)
        checksum =
          (checksum + (memory.u32[(words[index] as number) + LOW_TIME_WORD] as number)) | 0;
      count += size;
    });
    return `${count} ${checksum >>> 0}`;
  });
}
