import type { PipelineDefinition, PipelineOutputs } from './pipeline-definition.ts';

/** A pipeline made from the run's `params`: the default export of a pipeline module. */
export function definePipeline<P, O extends PipelineOutputs>(
  make: (params: P) => PipelineDefinition<O> | Promise<PipelineDefinition<O>>,
): (params: P) => PipelineDefinition<O> | Promise<PipelineDefinition<O>>;
/** A pipeline, checked by its types: the default export of a pipeline module. */
export function definePipeline<O extends PipelineOutputs>(
  definition: PipelineDefinition<O>,
): PipelineDefinition<O>;
// The definition comes last: of overloads that do not match, the compiler explains the last.
export function definePipeline(pipeline: unknown): unknown {
  return pipeline;
}
