import { createHistogram } from 'node:perf_hooks';

import { finalize, tap } from 'rxjs';
import { bpf, definePipeline, emit } from 'sockflow';

/** Said by a lane that reads: what is produced from now on does not wait for it to start. */
export const IS_READING = 'reading';

/** From the time in the slots to the lane's `next`, ns. */
export interface Latency {
  readonly events: number;
  readonly p50Ns: number;
  readonly p99Ns: number;
  readonly highestNs: number;
}

interface Params {
  readonly cgroup: string;
  /** What the boot clock is ahead of the monotonic one: the time that the machine was suspended. */
  readonly bootAheadNs: number;
  /** Events that are not counted: until the lane's code is compiled. */
  readonly warmEvents: number;
}

/** A lane that takes the age of each event at the start of its batch's `next`. */
export default definePipeline((params: Params) => ({
  source: bpf({ cgroup: params.cgroup, existing: 'off' }),
  events: (batches) => {
    const ages = createHistogram();
    let isReading = false;
    let events = 0;
    return batches.pipe(
      tap((batch) => {
        const nowNs = Number(process.hrtime.bigint()) + params.bootAheadNs;
        // The first batch is the clock anchor alone.
        if (!isReading) emit(IS_READING);
        isReading = true;
        const { memory, words, size } = batch.raw;
        for (let index = 0; index < size; index++) {
          const word = words[index]!;
          const tsNs = memory.u32[word + 5]! * 2 ** 32 + memory.u32[word + 4]!;
          if (events++ >= params.warmEvents) ages.record(Math.max(1, nowNs - tsNs));
        }
      }),
      finalize(() =>
        emit({
          events,
          p50Ns: ages.percentile(50),
          p99Ns: ages.percentile(99),
          highestNs: ages.max,
        } satisfies Latency),
      ),
    );
  },
  sinks: [],
}));
