import { definePipeline, type PipelineDefinition } from '@sockflow/core';
import { loadSink } from '@sockflow/sinks';
import { bpf } from '@sockflow/source-bpf';
import { kafkaSource } from '@sockflow/source-kafka';
import { replay } from '@sockflow/source-replay';

import type { AgentParams, AgentSource } from './agent-params.ts';
import { applyFilters } from './apply-filters.ts';

/* Source, filters and sinks as a config file declares them. */
async function agentPipeline(params: AgentParams): Promise<PipelineDefinition> {
  const { source, filters, sinks, fields } = params;
  return definePipeline({
    source: sourceOf(source),
    events: (batches) => applyFilters(batches, filters),
    sinks: await Promise.all(sinks.map((sink) => loadSink(sink, { fields }))),
  });
}

function sourceOf(source: AgentSource): PipelineDefinition['source'] {
  if ('live' in source) return bpf(source.live);
  if ('kafka' in source) return kafkaSource(source.kafka);
  return replay(source.recordings, { speed: source.speed });
}

export default agentPipeline;
