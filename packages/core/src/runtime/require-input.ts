import type { Sink } from '../contracts/sink.ts';
import { ConfigError } from '../errors.ts';

/**
 * Whether a sink takes what its output delivers: batches or values.
 *
 * @throws ERR_SOCKFLOW_SINK_INPUT
 */
export function requireInput(
  { name, accepts }: Pick<Sink, 'name' | 'accepts'>,
  output: string,
  isBatch: boolean,
): void {
  if (accepts === 'both' || (accepts === 'batches') === isBatch) return;
  const [found, remedy] = isBatch
    ? [
        'batches of events',
        'put toObjects() or an operator that makes values at the end of the output',
      ]
    : [
        'values',
        'give it an output that ends with batches, or choose an encoding that takes values',
      ];
  throw new ConfigError(
    'ERR_SOCKFLOW_SINK_INPUT',
    `the sink ${name} accepts ${accepts}, but output ${output} delivers ${found}`,
    { details: { sink: name, accepts, output }, remedy },
  );
}
