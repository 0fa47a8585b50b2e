import type { Sink } from '../contracts/sink.ts';
import { ConfigError } from '../errors.ts';
import type { InspectedOutput } from './inspect-pipeline.ts';

/**
 * Whether no two sinks of a run write to the same place: each would overwrite, or remove, what the other wrote.
 *
 * @throws ERR_SOCKFLOW_INVALID_OPTION
 */
export function checkSinkTargets(outputs: readonly InspectedOutput[]): void {
  const all = outputs.flatMap(({ name, sinks }) => sinks.map((sink) => ({ output: name, sink })));
  const outputOf = new Map<string, string>();
  for (const { output, sink } of all) {
    if (sink.target === undefined) continue;
    const other = outputOf.get(sink.target);
    if (other !== undefined) throw samePlace(other, output, sink);
    outputOf.set(sink.target, output);
  }
  for (const { output, sink } of all) {
    for (const target of sink.otherTargets ?? []) {
      const other = target === sink.target ? undefined : outputOf.get(target);
      if (other !== undefined) throw samePlace(output, other, sink, target);
    }
  }
}

function samePlace(
  one: string,
  other: string,
  { name, target }: Sink,
  otherTarget?: string,
): ConfigError {
  const whose = one === other ? `two sinks of output ${one}` : `outputs ${one} and ${other}`;
  const why = otherTarget === undefined ? '' : `, whose parts may be called ${otherTarget}`;
  return new ConfigError(
    'ERR_SOCKFLOW_INVALID_OPTION',
    `${whose} write to the same place: ${name}${why}`,
    {
      details: { sink: name, target: otherTarget ?? target, output: other },
      remedy: 'give each sink a name of its own, or leave one of them out',
    },
  );
}
