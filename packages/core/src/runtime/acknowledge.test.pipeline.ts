import { setTimeout as sleep } from 'node:timers/promises';

import { map, type Observable, tap } from 'rxjs';

import type { Batch } from '../batch/batch.ts';
import { mapAsync } from '../operators/map-async.ts';
import { toObjects } from '../operators/to-objects.ts';
import { definePipeline } from '../pipeline/define-pipeline.ts';
import type { PipelineModule } from '../pipeline/pipeline-definition.ts';
import {
  acknowledgedSource,
  type AcknowledgedSourceOptions,
  durableSink,
  type DurableSinkOptions,
} from './acknowledged-source.test.helper.ts';

export interface AcknowledgeParams {
  readonly events: 'plain' | 'async' | 'chain' | 'throws';
  readonly source?: AcknowledgedSourceOptions;
  readonly sinks: readonly DurableSinkOptions[];
}

const later = mapAsync(
  async (value: unknown) => {
    await sleep(1);
    return value;
  },
  { concurrency: 2, maxQueuedBytes: 16 * 1024 },
);

/** The sinks are given every event of every span once, in order, whatever lies between. */
const CASES: Readonly<
  Record<AcknowledgeParams['events'], (batches: Observable<Batch>) => Observable<unknown>>
> = {
  plain: (batches) => batches,
  async: (batches) => batches.pipe(toObjects(), later),
  chain: (batches) =>
    batches.pipe(
      toObjects(),
      later,
      map((value) => ({ value })),
      later,
    ),
  throws: (batches) => {
    let count = 0;
    return batches.pipe(
      tap(() => {
        if (++count === 4) throw new RangeError('four is too many');
      }),
    );
  },
};

const pipeline: PipelineModule = definePipeline((given) => {
  const { events, source, sinks } = given as unknown as AcknowledgeParams;
  return {
    source: acknowledgedSource(source),
    events: CASES[events],
    sinks: sinks.map((sink) => durableSink(sink)),
  };
});
export default pipeline;
