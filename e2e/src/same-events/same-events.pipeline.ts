import { tap } from 'rxjs';
import {
  type Batch,
  type ConnectionRecord,
  definePipeline,
  emit,
  file,
  replay,
  scanConnections,
} from 'sockflow';

import { applyCase, type FilterCase, type Joining } from './filter-case.ts';

/** What a run of the pipeline is to do. */
export interface SameEventsParams {
  readonly recordings: readonly string[];
  readonly joining: Joining;
  /** Filters of each output, by its name; its events go to `NAME.ndjson` in `dir`. */
  readonly outputs: Readonly<Record<string, FilterCase>>;
  readonly dir: string;
  /** Whether connections are emitted besides, of the events of the output named. */
  readonly scan?: string;
}

/** What of a connection does not depend on how its events were cut into batches. */
export interface ConnectionFacts {
  readonly events: number;
  readonly order: readonly bigint[];
}

/** Any number of outputs of one recording, each with filters of its own. */
export default definePipeline((params: SameEventsParams) => ({
  source: replay(params.recordings),
  events: (batches) => {
    const outputs = Object.fromEntries(
      Object.entries(params.outputs).map(([name, filters]) => [
        name,
        applyCase(batches, filters, params.joining),
      ]),
    );
    const scanned = params.scan === undefined ? undefined : params.outputs[params.scan];
    if (scanned === undefined) return outputs;
    return {
      ...outputs,
      connections: applyCase(batches, scanned, params.joining).pipe(
        scanConnections<Batch extends Batch<infer E> ? E : never, bigint[]>(
          () => [],
          (order, event) => {
            order.push(event.tsNs);
          },
          { emitOn: 'close' },
        ),
        tap((record: ConnectionRecord<bigint[]>) => emit(record)),
      ),
    };
  },
  sinks: {
    ...Object.fromEntries(
      Object.keys(params.outputs).map((name) => [name, [file(`${params.dir}/${name}.ndjson`)]]),
    ),
    ...(params.scan === undefined ? {} : { connections: [] }),
  },
}));
