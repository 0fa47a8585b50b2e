import { definePipeline, filterOp, type PipelineDefinition, toObjects } from '@sockflow/core';
import { replay } from '@sockflow/source-replay';

import { loadSink } from '../load-sink.ts';

interface Params {
  readonly recording: string;
  readonly sinks: readonly string[];
  readonly ops?: readonly number[];
  readonly isOfValues?: boolean;
}

/** A recording into the sinks that the run names. */
const pipeline: (params: Params) => PipelineDefinition | Promise<PipelineDefinition> =
  definePipeline(
    async ({ recording, sinks, ops = [], isOfValues }: Params): Promise<PipelineDefinition> => ({
      source: replay(recording),
      events: (batches) => {
        const selected = ops.length === 0 ? batches : batches.pipe(filterOp(...(ops as [10])));
        return isOfValues === true ? selected.pipe(toObjects()) : selected;
      },
      sinks: await Promise.all(sinks.map((sink) => loadSink(sink))),
    }),
  );

export default pipeline;
