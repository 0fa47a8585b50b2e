import { ConfigError, type SinkInput } from '@sockflow/core';

/** The error for an input that a sink does not take. */
export function notTaken(sinkName: string, accepts: SinkInput): ConfigError {
  const [taken, given] = accepts === 'batches' ? ['events', 'a value'] : ['values', 'events'];
  const remedy =
    accepts === 'batches'
      ? "Give it the batches themselves, or choose an encoding for values, such as 'ndjson'"
      : 'Map the batches to values before it, as with toObjects()';
  return new ConfigError(
    'ERR_SOCKFLOW_SINK_INPUT',
    `${sinkName} takes ${taken} only, and was given ${given}`,
    { remedy, details: { sink: sinkName, accepts } },
  );
}

/** @throws ERR_SOCKFLOW_SINK_INPUT where a sink is given what it does not take */
export function checkInput(sinkName: string, accepts: SinkInput, isBatch: boolean): void {
  if (accepts !== 'both' && isBatch !== (accepts === 'batches')) throw notTaken(sinkName, accepts);
}
