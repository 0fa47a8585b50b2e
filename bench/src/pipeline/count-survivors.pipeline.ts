import { defer, finalize, tap } from 'rxjs';
import { definePipeline, emit, filterFlags, filterOp, replay } from 'sockflow';

import { ANY_CB, OPS } from '../harness/bench-filter.ts';

/** What a lane says at its end: its survivors, the sum of the low words of their times, and when it began to read, before its first batch, and when its last was done, on the machine's clock. */
export interface LaneCount {
  readonly count: number;
  readonly checksum: number;
  readonly startNs: bigint;
  readonly endNs: bigint;
}

export default definePipeline((params: { readonly recording: string }) => ({
  source: replay(params.recording),
  events: (batches) =>
    defer(() => {
      const startNs = process.hrtime.bigint();
      let count = 0;
      let checksum = 0;
      return batches.pipe(
        filterOp(...OPS),
        filterFlags({ cb: { any: ANY_CB } }),
        tap((batch) => {
          const { memory, words, size } = batch.raw;
          for (let index = 0; index < size; index++)
            checksum = (checksum + memory.u32[words[index]! + 4]!) | 0;
          count += size;
        }),
        finalize(() => {
          const endNs = process.hrtime.bigint();
          emit({
            count,
            checksum: checksum >>> 0,
            startNs,
            endNs,
          } satisfies LaneCount);
        }),
      );
    }),
  sinks: [],
}));
