import { definePipeline, type PipelineDefinition } from '@sockflow/core';
import { loadSink } from '@sockflow/sinks';

import { kafkaSource } from './kafka-source.ts';

interface Params {
  readonly brokers: string;
  readonly group: string;
  readonly topic: string;
  readonly sink: string;
}

/** All events of a topic, as far as it goes now, into one sink. */
const pipeline: (params: Params) => PipelineDefinition | Promise<PipelineDefinition> =
  definePipeline(async ({ brokers, group, topic, sink }: Params): Promise<PipelineDefinition> => ({
    source: kafkaSource({ brokers, topic, group, until: 'now', sessionTimeoutMs: 6000 }),
    events: (batches) => batches,
    sinks: [await loadSink(sink)],
  }));

export default pipeline;
