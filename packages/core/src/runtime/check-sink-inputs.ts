import type { InspectedOutput } from '../pipeline/inspect-pipeline.ts';
import { requireInput } from './require-input.ts';

/**
 * Whether the sinks can take what the outputs deliver, as far as it is known before any event.
 *
 * @throws ERR_SOCKFLOW_SINK_INPUT
 */
export function checkSinkInputs(outputs: readonly InspectedOutput[]): void {
  for (const { name, sinks, deliversBatches } of outputs) {
    if (!deliversBatches) continue;
    for (const sink of sinks) requireInput(sink, name, true);
  }
}
