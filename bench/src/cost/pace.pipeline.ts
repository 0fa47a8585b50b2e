import { finalize, tap } from 'rxjs';
import { definePipeline, emit, filterTime, replay, type ReplaySpeed } from 'sockflow';

/** For each event of a lane, in order: when its batch came less when it was due after a common moment, ms. */
export interface Lateness {
  readonly lateMs: Float64Array;
  /** CPU time of the whole process at the lane's end, us. */
  readonly cpuUs: number;
}

interface Params {
  readonly path: string;
  readonly speed: ReplaySpeed;
  /** Time of the first event, ns since boot. */
  readonly firstNs: number;
  /** Events before this are replayed, ns since boot. */
  readonly endNs: number;
  readonly events: number;
}

/** A lane of a paced replay that notes when each event comes. */
export default definePipeline(({ path, speed, firstNs, endNs, events }: Params) => ({
  source: replay(path, { speed }),
  events: (batches) => {
    const lateMs = new Float64Array(events);
    const factor = speed === 'max' ? Infinity : speed;
    let count = 0;
    return batches.pipe(
      filterTime({ endNs: BigInt(endNs) }),
      tap((batch) => {
        const nowMs = Number(process.hrtime.bigint()) / 1e6;
        const { memory, words, size } = batch.raw;
        for (let index = 0; index < size; index++) {
          const word = words[index]!;
          const tsNs = memory.u32[word + 5]! * 2 ** 32 + memory.u32[word + 4]!;
          lateMs[count++] = nowMs - (tsNs - firstNs) / 1e6 / factor;
        }
      }),
      finalize(() => {
        const { user, system } = process.cpuUsage();
        emit({ lateMs: lateMs.slice(0, count), cpuUs: user + system } satisfies Lateness);
      }),
    );
  },
  sinks: [],
}));
