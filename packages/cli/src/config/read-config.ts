import { readFileSync } from 'node:fs';

import { isSockflowError, nearestName } from '@sockflow/core';
import type { FieldChoice } from '@sockflow/sinks';
import type { KafkaSourceOptions } from '@sockflow/source-kafka';
import type { ReplaySpeed } from '@sockflow/source-replay';
import type { Option } from 'commander';
import * as v from 'valibot';
import { LineCounter, parseDocument } from 'yaml';

import type { OptionValues } from '../command.ts';
import { CommandError } from '../errors.ts';
import { fieldsOption, lanesOption, speedOption } from '../options/common-options.ts';
import { drainOption, type DrainTimeout } from '../options/drain-option.ts';
import { filterOptions } from '../options/filter-options.ts';
import { durationOption, liveFilterOptions, liveOptions } from '../options/live-options.ts';
import { statusOption } from '../options/status-option.ts';
import { type ConfigPath, ConfigProblems, pathText } from './config-problem.ts';
import { CONFIG_SCHEMA, keyOf, type LogLevel } from './config-schema.ts';
import { type KafkaSourceText, readKafkaSource } from './read-kafka-source.ts';
import { readTruth } from './read-truth.ts';
import { type Secret, substitute, UNSET } from './substitute.ts';

/** Where events of a config without a module come from. */
export type ConfigSource =
  | { readonly kind: 'replay'; readonly paths: readonly string[]; readonly speed?: ReplaySpeed }
  | { readonly kind: 'bpf'; readonly values: OptionValues }
  | { readonly kind: 'kafka'; readonly options: KafkaSourceOptions };

/** A config file, read and checked. */
export interface Config {
  readonly pipeline?: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly source?: ConfigSource;
  /** As the parser of the command line gives them. */
  readonly filters: OptionValues;
  readonly sinks: readonly string[];
  readonly fields?: readonly FieldChoice[];
  readonly lanes?: number;
  readonly durationMs?: number;
  readonly drainTimeout?: DrainTimeout;
  readonly statusEveryMs?: number;
  readonly logLevel?: LogLevel;
  readonly toleratesDamage?: boolean;
}

/** What was read of a config file, and all that is wrong with it. */
export interface ReadConfig {
  /** Not there where something is wrong. */
  readonly config?: Config;
  /** What could be read of it, whether or not the rest is wrong. */
  readonly draft?: Config;
  readonly errors: readonly CommandError[];
  readonly secrets: readonly Secret[];
  readonly placeOf: (path: ConfigPath) => string;
}

interface ConfigText {
  readonly pipeline?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly source?: {
    readonly replay?: { readonly paths: string | readonly string[]; readonly speed?: unknown };
    readonly bpf?: Readonly<Record<string, unknown>> | null;
    readonly kafka?: KafkaSourceText;
  };
  readonly filters?: Readonly<Record<string, unknown>>;
  readonly sinks?: readonly string[];
  readonly fields?: string | readonly string[];
  readonly lanes?: unknown;
  readonly duration?: unknown;
  readonly 'drain-timeout'?: unknown;
  readonly 'status-every'?: unknown;
  readonly 'log-level'?: LogLevel;
  readonly 'tolerate-damage'?: unknown;
}

/**
 * Reads a config file: YAML, of which JSON is a part. Opens nothing else.
 *
 * @throws ERR_SOCKFLOW_INPUT_FILE where it cannot be read
 */
export function readConfig(path: string, env: NodeJS.ProcessEnv): ReadConfig {
  const lines = new LineCounter();
  const document = parseDocument(textOf(path), { lineCounter: lines, prettyErrors: false });
  const problems = new ConfigProblems(path, document, lines);
  const placeOf = (keys: ConfigPath): string => problems.placeOf(keys);
  for (const { message, pos } of document.errors) {
    problems.addAt(
      problems.placeAt(pos[0]),
      `no YAML: ${message.toLowerCase().replace(/\.$/, '')}`,
      'Correct it; a text with : or # in it stands in quotes',
      'ERR_SOCKFLOW_CONFIG',
    );
  }
  if (problems.errors.length > 0) return { errors: problems.errors, secrets: [], placeOf };
  const secrets = substitute(document, env, problems);
  const value: unknown = document.toJS() ?? {};
  checkSchema(value, problems);
  // What the schema refused is not in it any more: the rest is looked at all the same, so that all errors are told at once.
  const config = isObject(value) ? configOf(value, problems) : undefined;
  const { errors } = problems;
  return {
    errors,
    secrets,
    placeOf,
    ...(config === undefined ? {} : { draft: config }),
    ...(errors.length > 0 || config === undefined ? {} : { config }),
  };
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new CommandError(
      'ERR_SOCKFLOW_INPUT_FILE',
      `the config file cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error, details: { place: path }, remedy: 'Check the path and the permissions' },
    );
  }
}

/** Tells what does not fit the schema, and takes it out of the value. */
function checkSchema(value: unknown, problems: ConfigProblems): void {
  for (const issue of v.safeParse(CONFIG_SCHEMA, value).issues ?? []) {
    const path = (issue.path ?? []).map(({ key }) => key as string | number);
    takeOut(value, path);
    if (issue.type === 'strict_object' && issue.expected === 'never') {
      const known = keysAt(path.slice(0, -1));
      const nearest = nearestName(String(path.at(-1)), known);
      problems.add(
        path,
        `'${String(path.at(-1))}' is no key here${nearest === undefined ? '' : `; did you mean ${nearest}?`}`,
        `Known here: ${known.join(', ')}`,
      );
    } else {
      const found = issue.received === 'undefined' ? 'nothing' : issue.received;
      problems.add(
        path,
        `expected ${expectedText(issue.expected)}, found ${found}`,
        'Give it as the reference of config files says: docs/reference/config.md',
      );
    }
  }
}

function takeOut(value: unknown, path: ConfigPath): void {
  let holder = value;
  for (const key of path.slice(0, -1)) {
    holder = isObject(holder) ? (holder as Record<string | number, unknown>)[key] : undefined;
  }
  const last = path.at(-1);
  if (last !== undefined && isObject(holder)) {
    Reflect.deleteProperty(holder, last);
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function expectedText(expected: string | null): string {
  return (expected ?? 'another value').replace(/[()]/g, '').replaceAll(' | ', ' or ');
}

/** The keys that the schema has at a path. */
function keysAt(path: ConfigPath): string[] {
  let schema: unknown = CONFIG_SCHEMA;
  for (const key of path) schema = entriesOf(schema)?.[key];
  return Object.keys(entriesOf(schema) ?? {});
}

interface SchemaLike {
  readonly entries?: Readonly<Record<string | number, unknown>>;
  readonly wrapped?: unknown;
  readonly pipe?: readonly unknown[];
}

/** What an object schema holds, whatever it is wrapped in. */
function entriesOf(schema: unknown): Readonly<Record<string | number, unknown>> | undefined {
  if (typeof schema !== 'object' || schema === null) return undefined;
  const { entries, wrapped, pipe } = schema as SchemaLike;
  if (entries !== undefined) return entries;
  if (wrapped !== undefined) return entriesOf(wrapped);
  return pipe === undefined || pipe[0] === schema ? undefined : entriesOf(pipe[0]);
}

function configOf(text: ConfigText, problems: ConfigProblems): Config {
  checkTogether(text, problems);
  const { pipeline, params = {}, sinks = [], fields, 'log-level': logLevel } = text;
  const isLive = text.source?.bpf !== undefined;
  const filters = isLive ? liveFilterOptions() : filterOptions();
  const source = sourceOf(text, problems);
  const one = (option: Option, value: unknown, path: ConfigPath): unknown =>
    value === undefined ? undefined : parsed(option, value, path, problems);
  const lanes = one(lanesOption(), text.lanes, ['lanes']) as number | undefined;
  const durationMs = one(durationOption(), text.duration, ['duration']) as number | undefined;
  const drainTimeout = one(drainOption(), text['drain-timeout'], ['drain-timeout']) as
    | DrainTimeout
    | undefined;
  const statusEveryMs = one(statusOption(), text['status-every'], ['status-every']) as
    | number
    | undefined;
  const chosen = fields === undefined ? undefined : [fields].flat().join(',');
  const choice = one(fieldsOption(), chosen, ['fields']) as readonly FieldChoice[] | undefined;
  const toleratesDamage = readTruth(text['tolerate-damage'], ['tolerate-damage'], problems);
  return {
    params,
    filters: parsedAll(filters, text.filters ?? {}, ['filters'], problems),
    sinks,
    ...(pipeline === undefined ? {} : { pipeline }),
    ...(source === undefined ? {} : { source }),
    ...(choice === undefined ? {} : { fields: choice }),
    ...(lanes === undefined ? {} : { lanes }),
    ...(durationMs === undefined ? {} : { durationMs }),
    ...(drainTimeout === undefined ? {} : { drainTimeout }),
    ...(statusEveryMs === undefined ? {} : { statusEveryMs }),
    ...(logLevel === undefined ? {} : { logLevel }),
    ...(toleratesDamage === undefined ? {} : { toleratesDamage }),
  };
}

function sourceOf(text: ConfigText, problems: ConfigProblems): ConfigSource | undefined {
  const { replay, bpf, kafka } = text.source ?? {};
  if (kafka !== undefined) return { kind: 'kafka', options: readKafkaSource(kafka, problems) };
  if (replay !== undefined) {
    const speed =
      replay.speed === undefined
        ? undefined
        : (parsed(
            speedOption('max where not given'),
            replay.speed,
            ['source', 'replay', 'speed'],
            problems,
          ) as ReplaySpeed);
    return {
      kind: 'replay',
      paths: [replay.paths].flat(),
      ...(speed === undefined ? {} : { speed }),
    };
  }
  if (bpf === undefined) return undefined;
  return { kind: 'bpf', values: parsedAll(liveOptions(), bpf ?? {}, ['source', 'bpf'], problems) };
}

/** What only several keys together tell. */
function checkTogether(text: ConfigText, problems: ConfigProblems): void {
  const { pipeline, source, sinks } = text;
  if (pipeline === undefined && source === undefined) {
    problems.add(
      [],
      'nothing says what to run',
      'Give pipeline: a module, or source: with replay, bpf or kafka',
    );
  }
  if (pipeline !== undefined) {
    for (const key of ['source', 'filters', 'sinks', 'fields'] as const) {
      if (text[key] === undefined) continue;
      problems.add([key], `a pipeline module has its own ${key}`, `Leave ${key} out, or pipeline`);
    }
  }
  if (source !== undefined) {
    const named = Object.keys(source);
    if (named.length !== 1) {
      problems.add(
        ['source'],
        `expected one of replay, bpf and kafka, found ${named.length === 0 ? 'none' : named.join(' and ')}`,
        'Give one of them',
      );
    }
    if (source.kafka !== undefined) checkTimes(text, problems);
    if (text.params !== undefined) {
      problems.add(['params'], 'parameters are for a pipeline module', 'Leave params out');
    }
    if (sinks === undefined || sinks.length === 0) {
      problems.add(
        sinks === undefined ? [] : ['sinks'],
        'nothing says where events go',
        'Give sinks: a list such as [file:out.ndjson] or ["console:"]',
      );
    }
  }
}

/** Times are told by one host's clocks. */
function checkTimes({ filters = {} }: ConfigText, problems: ConfigProblems): void {
  for (const key of ['from', 'to']) {
    if (filters[key] === undefined) continue;
    problems.add(
      ['filters', key],
      'a topic holds events of many hosts, whose clocks differ: no time is the same for all',
      `Leave ${key} out; source.kafka.from says where a group begins`,
    );
  }
}

/** The values of an object whose keys are options. */
function parsedAll(
  options: readonly Option[],
  values: Readonly<Record<string, unknown>>,
  path: ConfigPath,
  problems: ConfigProblems,
): OptionValues {
  const result: Record<string, unknown> = {};
  for (const option of options) {
    const value = values[keyOf(option)];
    if (value === undefined) continue;
    result[option.attributeName()] = parsed(option, value, [...path, keyOf(option)], problems);
  }
  return result;
}

/** A value as the option's own parser reads it on the command line. */
function parsed(
  option: Option,
  value: unknown,
  path: ConfigPath,
  problems: ConfigProblems,
): unknown {
  let result: unknown;
  for (const item of [value].flat()) {
    try {
      const text = String(item);
      if (text.includes(UNSET)) continue;
      result = option.parseArg === undefined ? text : option.parseArg(text, result as never);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const remedy = isSockflowError(error) ? error.remedy : undefined;
      const name = option.long ?? '';
      problems.add(
        path,
        message.replaceAll(name, pathText(path)),
        (remedy ?? `Give ${name} as sockflow run --help says`).replaceAll(name, pathText(path)),
      );
    }
  }
  return result;
}
