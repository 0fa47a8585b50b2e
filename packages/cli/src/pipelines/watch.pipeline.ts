import { definePipeline, type PipelineDefinition } from '@sockflow/core';
import { console } from '@sockflow/sinks';
import { bpf } from '@sockflow/source-bpf';
import { replay } from '@sockflow/source-replay';

import { watchSink } from '../watch/watch-sink.ts';
import { applyFilters } from './apply-filters.ts';
import type { WatchParams } from './watch-params.ts';

/* Events through the command line's filters to the terminal. */
function watchPipeline({ source, filters, style }: WatchParams): PipelineDefinition {
  return definePipeline({
    source: 'live' in source ? bpf(source.live) : replay(source.recording, { speed: source.speed }),
    events: (batches) => applyFilters(batches, filters),
    sinks: [style === undefined ? console() : watchSink(style)],
  });
}

export default watchPipeline;
