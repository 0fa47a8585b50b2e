import { definePipeline, filterOp, Op, type PipelineDefinition } from '@sockflow/core';
import { replay } from '@sockflow/source-replay';

import { loadSink } from './load-sink.ts';

interface Params {
  readonly recording: string;
  readonly sinks: readonly string[];
}

/** Real events of a recording into the sinks that the run names. */
const pipeline: (params: Params) => PipelineDefinition | Promise<PipelineDefinition> =
  definePipeline(async ({ recording, sinks }: Params): Promise<PipelineDefinition> => ({
    source: replay(recording),
    events: (batches) => batches.pipe(filterOp(Op.STATE_CB, Op.RTT_CB)),
    sinks: await Promise.all(sinks.map((sink) => loadSink(sink))),
  }));

export default pipeline;
