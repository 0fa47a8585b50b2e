import { ConfigError } from '../errors.ts';
import type { InspectedOutput } from '../pipeline/inspect-pipeline.ts';

/**
 * Whether no two sinks of a run write to the same place: each would overwrite what the other wrote.
 *
 * @throws ERR_SOCKFLOW_INVALID_OPTION
 */
export function checkSinkTargets(outputs: readonly InspectedOutput[]): void {
  const outputOf = new Map<string, string>();
  for (const { name, sinks } of outputs) {
    for (const sink of sinks) {
      if (sink.target === undefined) continue;
      const other = outputOf.get(sink.target);
      outputOf.set(sink.target, name);
      if (other === undefined) continue;
      const whose = other === name ? `two sinks of output ${name}` : `outputs ${other} and ${name}`;
      throw new ConfigError(
        'ERR_SOCKFLOW_INVALID_OPTION',
        `${whose} write to the same place: ${sink.name}`,
        {
          details: { sink: sink.name, target: sink.target, output: name },
          remedy: 'give each sink a name of its own, or leave one of them out',
        },
      );
    }
  }
}
