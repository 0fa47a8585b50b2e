/* The pipelines that tests of the runtime run in real threads, by name: each is imported by URL, so what a test wants is said by params. */
import { map, tap } from 'rxjs';

import { filterOp } from '../operators/filter-op.ts';
import { toObjects } from '../operators/to-objects.ts';
import { where } from '../operators/where.ts';
import { definePipeline } from '../pipeline/define-pipeline.ts';
import { emit } from '../pipeline/emit.ts';
import type { PipelineDefinition, PipelineModule } from '../pipeline/pipeline-definition.ts';
import { Op } from '../schema/op.ts';
import { probeSink, type ProbeSinkOptions } from './memory-sink.test.helper.ts';
import { memorySource, type MemorySourceOptions } from './memory-source.test.helper.ts';

export type CaseName = 'all' | 'named' | 'emits';

export interface CaseParams {
  readonly events: CaseName;
  readonly source?: MemorySourceOptions;
  readonly sink?: ProbeSinkOptions;
}

const CASES: Readonly<Record<CaseName, (params: CaseParams) => PipelineDefinition>> = {
  all: ({ source, sink }: CaseParams) =>
    definePipeline({
      source: memorySource(source),
      events: (batches) => batches,
      sinks: [probeSink(sink)],
    }),
  named: ({ source }: CaseParams) =>
    definePipeline({
      source: memorySource(source),
      events: (batches) => ({
        rtt: batches.pipe(filterOp(Op.RTT_CB)),
        late: batches.pipe(
          where((event) => (event.sndCwnd ?? 0) > 5),
          toObjects(),
          map((object) => object.cookie),
        ),
      }),
      sinks: {
        rtt: [probeSink({ name: 'rtt-sink', accepts: 'batches' })],
        late: [probeSink({ name: 'late-sink', accepts: 'values' })],
      },
    }),
  emits: ({ source }: CaseParams) =>
    definePipeline({
      source: memorySource(source),
      events: (batches) => batches.pipe(tap((batch) => emit({ size: batch.size }))),
      sinks: [],
    }),
};

const pipeline: PipelineModule = (params: CaseParams) => CASES[params.events](params);
export default pipeline;
