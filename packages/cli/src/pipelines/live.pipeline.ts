import { definePipeline, type PipelineDefinition } from '@sockflow/core';
import { file, recording } from '@sockflow/sinks';
import { bpf } from '@sockflow/source-bpf';

import { applyFilters } from './apply-filters.ts';
import type { LiveParams } from './live-params.ts';

/* The kernel's events through the command line's filters into a recording. */
function livePipeline({ source, filters, output, compression }: LiveParams): PipelineDefinition {
  return definePipeline({
    source: bpf(source),
    events: (batches) => applyFilters(batches, filters),
    sinks: [file(output, { encoding: recording(compression) })],
  });
}

export default livePipeline;
