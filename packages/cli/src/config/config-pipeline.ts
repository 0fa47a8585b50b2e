import { ConfigError } from '@sockflow/core';
import { kafkaSource } from '@sockflow/source-kafka';

import type { OptionValues } from '../command.ts';
import type { FilterSet } from '../options/filter-set.ts';
import { LOSS_REMEDY, readLiveSource } from '../options/live-options.ts';
import { readFilters } from '../options/read-filters.ts';
import { readLiveFilters } from '../options/read-live-filters.ts';
import { AGENT_PIPELINE, type AgentParams } from '../pipelines/agent-params.ts';
import { checkSinks } from '../session/check-sinks.ts';
import { pipelineModuleUrl } from '../session/pipeline-module-url.ts';
import { readRecordingFilters } from '../session/recording-filters.ts';
import { notePlace } from '../terminal/noted-place.ts';
import type { ConfigPath } from './config-problem.ts';
import type { Config, ConfigSource } from './read-config.ts';
import { UNSET } from './substitute.ts';

/** What a config file wants to have run. */
export interface ConfigPipeline {
  readonly url: URL;
  readonly params: Readonly<Record<string, unknown>>;
  readonly warnings: readonly string[];
  readonly usesStdout: boolean;
  /** What there is to do where the kernel lost events; `undefined`: the module knows. */
  readonly lossRemedy?: string;
}

/** Whose turn it is to open recordings: times of filters are placed in them, and their statistics tell what cannot match. */
export type ConfigPurpose = 'run' | 'check';

/**
 * The pipeline of a config file; its sinks have been made once. To check, no recording is opened.
 *
 * @throws what source, filters and sinks say of their options
 */
export async function configPipeline(
  config: Config,
  purpose: ConfigPurpose,
): Promise<ConfigPipeline> {
  const { pipeline, params, source, sinks, fields } = config;
  if (pipeline !== undefined || source === undefined) {
    const url = pipelineModuleUrl(pipeline ?? '');
    return { url, params, warnings: [], usesStdout: false };
  }
  const inputs = source.kind === 'replay' ? source.paths : [];
  const { usesStdout } = await checkSinks(sinks, inputs, fields);
  if (source.kind === 'bpf') {
    const values = { ...config.filters, ...source.values };
    const live = readLiveSource(values);
    const agent: AgentParams = {
      source: { live },
      filters: readLiveFilters(values),
      sinks,
      fields,
    };
    return { ...ofAgent(agent, [], usesStdout), lossRemedy: LOSS_REMEDY };
  }
  if (source.kind === 'kafka') {
    const filters = readFilters(config.filters, noTimeBase);
    return ofAgent({ source: { kafka: source.options }, filters, sinks, fields }, [], usesStdout);
  }
  const { filters, warnings } = filtersOf(source, config.filters, purpose);
  const { paths, speed = 'max' } = source;
  const agent: AgentParams = { source: { recordings: paths, speed }, filters, sinks, fields };
  return ofAgent(agent, warnings, usesStdout);
}

/** What source, filters and sinks of a config without a module say of their options: all of it, with its place. Opens nothing. */
export async function declaredErrors(
  config: Config,
  placeOf: (path: ConfigPath) => string,
): Promise<unknown[]> {
  const { source, filters } = config;
  if (source === undefined) return [];
  const errors = await sinkErrors(config, placeOf);
  const check = (path: ConfigPath, read: () => unknown): void => {
    try {
      read();
    } catch (error) {
      errors.push(notePlace(error, placeOf(path)));
    }
  };
  if (source.kind === 'bpf') {
    const values = { ...filters, ...source.values };
    check(['source', 'bpf'], () => readLiveSource(values));
    check(['filters'], () => readLiveFilters(values));
  } else if (source.kind === 'kafka') {
    check(['source', 'kafka'], () => kafkaSource(source.options));
    check(['filters'], () => readFilters(filters, noTimeBase));
  } else {
    check(['filters'], () => filtersOf(source, filters, 'check'));
  }
  return errors;
}

/**
 * What sinks say of their options, each by itself, and which of them write to the same place. The rest of the config may be wrong: what the schema refused is not in
 * it, and a sink with a variable that is not there is told already.
 */
export async function sinkErrors(
  { source, sinks, fields }: Pick<Config, 'source' | 'sinks' | 'fields'>,
  placeOf: (path: ConfigPath) => string,
): Promise<unknown[]> {
  const errors: unknown[] = [];
  const inputs = source?.kind === 'replay' ? source.paths.filter(isKnown) : [];
  const targets = new Map<string, number>();
  for (const [index, text] of sinks.entries()) {
    if (!isKnown(text)) continue;
    try {
      const [sink] = (await checkSinks([text], inputs, fields)).sinks;
      if (sink?.target === undefined) continue;
      const other = targets.get(sink.target);
      if (other !== undefined) throw sameTarget(text, other);
      targets.set(sink.target, index);
    } catch (error) {
      errors.push(notePlace(error, placeOf(['sinks', index])));
    }
  }
  return errors;
}

function isKnown(text: unknown): boolean {
  return typeof text === 'string' && !text.includes(UNSET);
}

function sameTarget(text: string, other: number): ConfigError {
  return new ConfigError(
    'ERR_SOCKFLOW_INVALID_OPTION',
    `'${text}' writes to the same place as sinks[${other}]`,
    {
      details: { place: 'sinks' },
      remedy: 'Give each sink a name of its own, or leave one of them out',
    },
  );
}

function ofAgent(
  agent: AgentParams,
  warnings: readonly string[],
  usesStdout: boolean,
): ConfigPipeline {
  return { url: AGENT_PIPELINE, params: { ...agent }, warnings, usesStdout };
}

function filtersOf(
  source: ConfigSource & { readonly kind: 'replay' },
  values: OptionValues,
  purpose: ConfigPurpose,
): { readonly filters: FilterSet; readonly warnings: readonly string[] } {
  if (purpose === 'run') return readRecordingFilters(source.paths, values);
  // Any clock does to see whether filters contradict each other.
  const base = { firstNs: 0n, clock: { bootNs: 0n, realtimeNs: 0n }, originCount: 1 };
  return { filters: readFilters(values, () => base), warnings: [] };
}

/** Filters of a topic have no times: the file was refused for them. */
function noTimeBase(): never {
  throw new Error('no time is the same for all hosts of a topic');
}

/** With --json stdout is the summary's alone. */
export function stdoutConflict(): ConfigError {
  return new ConfigError(
    'ERR_SOCKFLOW_INVALID_OPTION',
    '--json and the console sink both want stdout for themselves',
    {
      details: { place: '--json, sinks' },
      remedy: 'Leave one of them out, or write the events to a file',
    },
  );
}
