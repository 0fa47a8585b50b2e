import { fromReplay } from '@sockflow/source-replay';

import { drain } from '../harness/drain.ts';

/** How many events a recording holds, and the sum of the low words of their times, modulo 2^32. */
export async function timesOf(path: string): Promise<{ count: number; checksum: number }> {
  let count = 0;
  let checksum = 0;
  await drain(fromReplay(path, { views: 'reused' }), ({ raw }) => {
    const { memory, words, size } = raw;
    for (let index = 0; index < size; index++)
      checksum = (checksum + memory.u32[words[index]! + 4]!) | 0;
    count += size;
  });
  return { count, checksum: checksum >>> 0 };
}
