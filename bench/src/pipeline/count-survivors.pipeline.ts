import { defer, finalize, tap } from 'rxjs';
import { definePipeline, emit, filterFlags, filterOp, replay } from 'sockflow';

import { ANY_CB, OPS } from '../harness/bench-filter.ts';

/** What a lane says at its end: its survivors, the sum of the low words of their times, and when it was ready, when its first batch came and when its last was done, on the machine's clock. */
export interface LaneCount {
  readonly count: number;
  readonly checksum: number;
  readonly readyNs: bigint;
  readonly firstNs: bigint;
  readonly endNs: bigint;
}

export default definePipeline((params: { readonly recording: string }) => ({
  source: replay(params.recording),
  events: (batches) =>
    defer(() => {
      const readyNs = process.hrtime.bigint();
      let firstNs: bigint | undefined;
      let count = 0;
      let checksum = 0;
      return batches.pipe(
        tap(() => {
          firstNs ??= process.hrtime.bigint();
        }),
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
            readyNs,
            firstNs: firstNs ?? endNs,
            endNs,
          } satisfies LaneCount);
        }),
      );
    }),
  sinks: [],
}));
