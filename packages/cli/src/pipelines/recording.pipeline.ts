import { definePipeline, type PipelineDefinition, type Sink } from '@sockflow/core';
import { contextJson, file, loadSink, recording } from '@sockflow/sinks';
import { replay } from '@sockflow/source-replay';

import { applyFilters } from './apply-filters.ts';
import type { FileTarget, RecordingParams } from './recording-params.ts';

/* A recording through the command line's filters into its sinks: a pipeline module like any user's. */
async function recordingPipeline(params: RecordingParams): Promise<PipelineDefinition> {
  return definePipeline({
    source: replay(params.recording, {
      speed: params.speed ?? 'max',
      follow: params.follow ?? false,
    }),
    events: (batches) => applyFilters(batches, params.filters),
    sinks: await Promise.all(params.sinks.map((sink) => makeSink(sink, params))),
  });
}

async function makeSink(sink: string | FileTarget, { fields }: RecordingParams): Promise<Sink> {
  if (typeof sink === 'string') return loadSink(sink, { fields });
  const { path, encoding, laneGroups = 1, origins = [], compression, hasOrigins } = sink;
  if (hasOrigins === true) return file(path, { encoding: contextJson({ hasOrigins }), fields });
  return encoding === 'recording'
    ? file(path, { encoding: recording({ laneGroups, origins, ...compression }), fields })
    : file(path, { encoding, fields });
}

export default recordingPipeline;
