import { take } from 'rxjs';

import { filterOp } from '../operators/filter-op.ts';
import { definePipeline } from '../pipeline/define-pipeline.ts';
import type { PipelineModule } from '../pipeline/pipeline-definition.ts';
import { Op } from '../schema/op.ts';
import { liveSource, type LiveSourceOptions } from './live-source.test.helper.ts';
import { probeSink, type ProbeSinkOptions } from './probe-sink.test.helper.ts';

export interface LiveParams {
  readonly source?: LiveSourceOptions;
  readonly sink?: ProbeSinkOptions;
  /** Batches after which the output has enough. */
  readonly takes?: number;
}

/** Events of a live source: all of them to a probe, RTT samples to a second output. */
const pipeline: PipelineModule = definePipeline((given) => {
  const { source, sink, takes } = given as LiveParams;
  return {
    source: liveSource(source),
    events: (batches) =>
      takes === undefined
        ? { all: batches, rtt: batches.pipe(filterOp(Op.RTT_CB)) }
        : { all: batches.pipe(take(takes)), rtt: batches.pipe(take(takes)) },
    sinks: { all: [probeSink(sink)], rtt: [] },
  };
});
export default pipeline;
