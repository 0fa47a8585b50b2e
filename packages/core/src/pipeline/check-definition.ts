import { fileURLToPath } from 'node:url';

import { ConfigError } from '../errors.ts';
import type { PipelineDefinition } from './pipeline-definition.ts';

/**
 * Whether what a module exports is a pipeline, by its shape.
 *
 * @throws ERR_SOCKFLOW_PIPELINE_MODULE naming the first part that is wrong.
 */
export function checkDefinition(
  url: URL,
  value: unknown,
  what = 'its default export',
): PipelineDefinition {
  const fault = faultOf(value);
  if (fault === undefined) return value as PipelineDefinition;
  const path = fileURLToPath(url);
  if (value === undefined && what === 'its default export') {
    throw new ConfigError('ERR_SOCKFLOW_PIPELINE_MODULE', `${path} has no default export`, {
      details: { url: url.href, file: path, reason: 'no-default-export' },
      remedy: 'export default definePipeline({ source, events, sinks })',
    });
  }
  throw new ConfigError('ERR_SOCKFLOW_PIPELINE_MODULE', `${path}: ${what} ${fault}`, {
    details: { url: url.href, file: path, reason: 'shape' },
    remedy:
      'a pipeline is { source, events: (batches) => …, sinks: […] }; definePipeline checks it',
  });
}

function faultOf(value: unknown): string | undefined {
  if (!isObject(value)) return `should be a pipeline, but is ${nameOf(value)}`;
  const { source, events, sinks } = value;
  if (source === undefined) return 'has no source';
  if (!hasMethods(source, ['open', 'openLane', 'describePushDown'])) {
    return `has a source that is not one: ${nameOf(source)}`;
  }
  if (typeof events !== 'function')
    return `needs events to be a function, but it is ${nameOf(events)}`;
  if (sinks === undefined) return 'has no sinks (an empty list is one that asks for none)';
  if (Array.isArray(sinks)) return faultOfSinks(sinks, 'sinks');
  if (!isObject(sinks))
    return `needs sinks to be a list, or lists by output, but it is ${nameOf(sinks)}`;
  for (const [name, list] of Object.entries(sinks)) {
    if (!Array.isArray(list)) return `needs sinks.${name} to be a list, but it is ${nameOf(list)}`;
    const fault = faultOfSinks(list, `sinks.${name}`);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function faultOfSinks(sinks: readonly unknown[], path: string): string | undefined {
  const index = sinks.findIndex((sink) => !hasMethods(sink, ['open']));
  return index === -1 ? undefined : `has at ${path}[${index}] no sink, but ${nameOf(sinks[index])}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function hasMethods(value: unknown, names: readonly string[]): boolean {
  return isObject(value) && names.every((name) => typeof value[name] === 'function');
}

function nameOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object')
    return `an object with ${Object.keys(value).join(', ') || 'nothing'}`;
  return `a ${typeof value}`;
}
