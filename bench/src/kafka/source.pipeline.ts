import { subscribe } from 'node:diagnostics_channel';

import { finalize, tap } from 'rxjs';
import { definePipeline, emit, kafkaSource } from 'sockflow';

/** What a lane says at its end: its events, and when its partitions were assigned and its last batch was done, on the machine's clock. */
export interface SourceCount {
  readonly events: number;
  /** `undefined` where the client told nothing of it. */
  readonly assignedNs: bigint | undefined;
  readonly endNs: bigint;
}

export interface SourceParams {
  readonly brokers: string;
  readonly topic: string;
  readonly group: string;
}

/* The client tells here of what it asks for; a lane asks for its partitions' committed offsets as soon as they are assigned, and before its first fetch. */
const OFFSETS_ASKED = 'tracing:plt:kafka:consumer:offsets:start';

/* Of the run that is under way in this thread. */
let assignedNs: bigint | undefined;

subscribe(OFFSETS_ASKED, () => {
  assignedNs ??= process.hrtime.bigint();
});

/** A topic to the end that it has now, its events counted. */
export default definePipeline(({ brokers, topic, group }: SourceParams) => {
  // Before the source opens: it joins its group then.
  assignedNs = undefined;
  return {
    source: kafkaSource({ brokers, topic, group, until: 'now' }),
    events: (batches) => {
      let endNs = 0n;
      let events = 0;
      return batches.pipe(
        tap((batch) => {
          events += batch.size;
          endNs = process.hrtime.bigint();
        }),
        finalize(() => {
          emit({ events, assignedNs, endNs } satisfies SourceCount);
        }),
      );
    },
    sinks: [],
  };
});
