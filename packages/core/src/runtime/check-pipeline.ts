import type { Source } from '../contracts/source.ts';
import { ConfigError } from '../errors.ts';
import { checkPlan } from '../operators/plan/check-plan.ts';
import type { InspectedOutput } from '../pipeline/inspect-pipeline.ts';

/**
 * What can be said of a pipeline before any event, and before anything is opened.
 *
 * @throws ERR_SOCKFLOW_OP_NOT_REPORTED, ERR_SOCKFLOW_SINK_INPUT
 */
export function checkPipeline(source: Source, outputs: readonly InspectedOutput[]): void {
  for (const { name, plans, sinks, deliversBatches } of outputs) {
    for (const plan of plans) checkPlan(plan, source);
    const sink = deliversBatches ? sinks.find(({ accepts }) => accepts === 'values') : undefined;
    if (sink === undefined) continue;
    throw new ConfigError(
      'ERR_SOCKFLOW_SINK_INPUT',
      `the sink ${sink.name} accepts values, but output ${name} delivers batches of events`,
      {
        details: { sink: sink.name, accepts: sink.accepts, output: name },
        remedy: 'put toObjects() or an operator that makes values at the end of the output',
      },
    );
  }
}
