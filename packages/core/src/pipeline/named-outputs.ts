import { isObservable, type Observable } from 'rxjs';

import type { Batch } from '../batch/batch.ts';
import type { Sink } from '../contracts/sink.ts';
import { ConfigError } from '../errors.ts';
import type { PipelineDefinition } from './pipeline-definition.ts';

/** The name of a pipeline's output where it has only one. */
const SOLE_OUTPUT = 'events';

/** One output of a pipeline, with its sinks. */
export interface NamedOutput {
  readonly name: string;
  readonly observable: Observable<unknown>;
  readonly sinks: readonly Sink[];
}

/**
 * Calls a pipeline's `events`, and puts its outputs and sinks together.
 *
 * @throws ERR_SOCKFLOW_PIPELINE_MODULE where they do not fit each other.
 */
export function namedOutputs(
  definition: PipelineDefinition,
  batches: Observable<Batch>,
): NamedOutput[] {
  const outputs: unknown = definition.events(batches);
  const { sinks } = definition;
  if (isObservable(outputs)) {
    if (!isList(sinks)) throw shapeError('sinks are named, but events returns one Observable');
    return [{ name: SOLE_OUTPUT, observable: outputs, sinks }];
  }
  if (typeof outputs !== 'object' || outputs === null) {
    throw shapeError(
      `events returns ${outputs === null ? 'null' : `a value of type ${typeof outputs}`}`,
    );
  }
  if (isList(sinks)) throw shapeError('events returns named outputs, but sinks is one list');
  const names = Object.keys(outputs);
  if (names.length === 0) throw shapeError('events returns no output');
  for (const name of Object.keys(sinks)) {
    if (!names.includes(name)) {
      throw shapeError(`there are sinks for ${name}, but events returns only ${names.join(', ')}`);
    }
  }
  return Object.entries(outputs as Record<string, unknown>).map(([name, observable]) => {
    if (!isObservable(observable)) throw shapeError(`output ${name} is no Observable`);
    const own = sinks[name];
    if (own === undefined) throw shapeError(`output ${name} has no list of sinks`);
    return { name, observable, sinks: own };
  });
}

function isList(sinks: readonly Sink[] | object): sinks is readonly Sink[] {
  return Array.isArray(sinks);
}

function shapeError(fault: string): ConfigError {
  return new ConfigError(
    'ERR_SOCKFLOW_PIPELINE_MODULE',
    `the outputs and sinks of the pipeline do not fit: ${fault}`,
    {
      details: { reason: 'shape' },
      remedy:
        'events returns one Observable with sinks: […], or { name: Observable } with sinks: { name: […] }',
    },
  );
}
