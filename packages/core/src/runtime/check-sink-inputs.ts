import { ConfigError } from '../errors.ts';
import type { InspectedOutput } from '../pipeline/inspect-pipeline.ts';

/**
 * Whether the sinks can take what the outputs deliver, as far as it is known before any event.
 *
 * @throws ERR_SOCKFLOW_SINK_INPUT
 */
export function checkSinkInputs(outputs: readonly InspectedOutput[]): void {
  for (const { name, sinks, deliversBatches } of outputs) {
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
