import { finalize, tap } from 'rxjs';
import { definePipeline, emit, kafkaSource } from 'sockflow';

/** What a lane says at its end: its events, and when its first batch came and its last was done, on the machine's clock. */
export interface SourceCount {
  readonly events: number;
  readonly startNs: bigint;
  readonly endNs: bigint;
}

export interface SourceParams {
  readonly brokers: string;
  readonly topic: string;
  readonly group: string;
}

/** A topic to the end that it has now, its events counted. */
export default definePipeline(({ brokers, topic, group }: SourceParams) => ({
  source: kafkaSource({ brokers, topic, group, until: 'now' }),
  events: (batches) => {
    let startNs: bigint | undefined;
    let endNs = 0n;
    let events = 0;
    return batches.pipe(
      tap((batch) => {
        startNs ??= process.hrtime.bigint();
        events += batch.size;
        endNs = process.hrtime.bigint();
      }),
      finalize(() => {
        emit({ events, startNs: startNs ?? endNs, endNs } satisfies SourceCount);
      }),
    );
  },
  sinks: [],
}));
