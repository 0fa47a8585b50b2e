import { ConfigError, explainPipeline } from '@sockflow/core';
import { Argument } from 'commander';

import type { CommandContext, CommandModule } from '../command.ts';
import { configPipeline, stdoutConflict } from '../config/config-pipeline.ts';
import { loadConfig } from '../config/load-config.ts';
import type { Config } from '../config/read-config.ts';
import { CommandError } from '../errors.ts';
import { ExitCode } from '../exit-code.ts';
import {
  configOption,
  jsonOption,
  lanesOption,
  tolerateDamageOption,
} from '../options/common-options.ts';
import { DRAIN_TIMEOUT_MS, drainOption, type DrainTimeout } from '../options/drain-option.ts';
import { durationOption } from '../options/live-options.ts';
import { paramOption } from '../options/param-option.ts';
import { statusOption } from '../options/status-option.ts';
import { timeOption } from '../options/time-option.ts';
import { runSession } from '../session/run-session.ts';
import { jsonText } from '../terminal/json-text.ts';

interface RunOptions {
  readonly config?: string;
  readonly lanes?: number;
  readonly duration?: number;
  readonly drainTimeout?: DrainTimeout;
  readonly statusEvery?: number;
  readonly param?: Readonly<Record<string, string>>;
  readonly json?: true;
  readonly quiet?: true;
  readonly verbose?: true;
  readonly tolerateDamage?: true;
}

/** The kernel is asked by the module. */
const LOSS_REMEDY =
  'take more lanes (--lanes), and in the module larger ringBytes or fewer ops of bpf()';

const NOTHING_SAID: Config = { params: {}, filters: {}, sinks: [] };

/** What the console sink calls itself. */
const CONSOLE_SINK = 'console';

/** `sockflow run`: a user's pipeline module. */
export const runCommand: CommandModule = {
  name: 'run',
  drains: true,
  canBeLive: true,
  summary: 'run a pipeline module, or what a config file says',
  description:
    'Runs a pipeline: a TypeScript or JavaScript module whose default export is what definePipeline gives. Each lane is a worker with its own copy of it. Values that the pipeline emits are printed on stdout, one JSON text a line. With -c a config file says which module, or declares source, filters and sinks without one; what the command line says goes before what the file says.',
  arguments: [new Argument('[pipeline]', 'the module: slow.ts, slow.js')],
  options: [
    configOption(),
    lanesOption(
      'workers that share the work, 1 where nothing says; a connection stays in one',
    ).default(undefined),
    durationOption(),
    drainOption(),
    statusOption(),
    paramOption(),
    timeOption('local'),
    jsonOption(),
    tolerateDamageOption(),
  ],
  examples: [
    { line: 'sockflow run slow.ts', says: 'one lane' },
    {
      line: 'sockflow run slow.ts --lanes 2 --param file=other.sfrec',
      says: 'two lanes; the module exports definePipeline((params) => ({ … }))',
    },
    { line: 'sockflow run -c agent.yaml', says: 'what a config file says' },
  ],
  async run(context, [pipeline], values) {
    const options = values as unknown as RunOptions;
    const isVerbose = options.verbose === true;
    const config = configOf(context, pipeline, options, isVerbose);
    if (config === undefined) return ExitCode.USAGE;
    const results: unknown[] = [];
    const isJson = options.json === true;
    const isQuiet = config.logLevel === 'quiet' && !isVerbose;
    if (isQuiet) context.err.quieten();
    const { url, params, warnings, usesStdout, lossRemedy } = await configPipeline(config, 'run');
    if (isJson && usesStdout) throw stdoutConflict();
    if (isJson && config.source === undefined) await refuseConsole(url, params);
    return runSession(context, {
      what: 'run',
      url,
      lossRemedy: lossRemedy ?? LOSS_REMEDY,
      lanes: config.lanes ?? 1,
      durationMs: config.durationMs,
      drainTimeout: config.drainTimeout ?? DRAIN_TIMEOUT_MS,
      statusEveryMs: config.statusEveryMs,
      params,
      isJson,
      isVerbose: isVerbose || (config.logLevel === 'verbose' && options.quiet !== true),
      toleratesDamage: config.toleratesDamage === true,
      printsEvents: usesStdout && context.out.isTty,
      warnings,
      jsonExtras: () => ({ results }),
      onResult: (value) => {
        if (isJson) results.push(value);
        else context.out.line(jsonText(value));
      },
    });
  },
};

/** What the file says, and the command line over it. */
function configOf(
  context: CommandContext,
  pipeline: string | undefined,
  options: RunOptions,
  isVerbose: boolean,
): Config | undefined {
  const {
    config: path,
    lanes,
    duration,
    drainTimeout,
    statusEvery,
    param,
    tolerateDamage,
  } = options;
  if (pipeline === undefined && path === undefined) {
    throw new CommandError('ERR_SOCKFLOW_USAGE', 'nothing says what to run', {
      details: { place: 'sockflow run' },
      remedy: 'Give a pipeline module, or a config file: sockflow run -c agent.yaml',
    });
  }
  const file = path === undefined ? NOTHING_SAID : loadConfig(context, path, isVerbose);
  if (file === undefined) return undefined;
  if (file.source !== undefined && (pipeline ?? param) !== undefined) {
    throw new ConfigError(
      'ERR_SOCKFLOW_INVALID_OPTION',
      'the config file declares a source, and the command line gives a module or parameters',
      {
        details: { place: path },
        remedy: 'Leave the module and --param out, or source, filters and sinks of the file',
      },
    );
  }
  return {
    ...file,
    params: { ...file.params, ...param },
    ...(pipeline === undefined ? {} : { pipeline }),
    ...(lanes === undefined ? {} : { lanes }),
    ...(duration === undefined ? {} : { durationMs: duration }),
    ...(drainTimeout === undefined ? {} : { drainTimeout }),
    ...(statusEvery === undefined ? {} : { statusEveryMs: statusEvery }),
    ...(tolerateDamage === undefined ? {} : { toleratesDamage: true }),
  };
}

/** With --json stdout is the summary's alone: a pipeline that writes events there cannot run so. */
async function refuseConsole(url: URL, params: Readonly<Record<string, unknown>>): Promise<void> {
  const { outputs } = await explainPipeline(url, { params });
  const output = outputs.find(({ sinks }) => sinks.includes(CONSOLE_SINK));
  if (output === undefined) return;
  throw new ConfigError(
    'ERR_SOCKFLOW_INVALID_OPTION',
    `--json and the console sink of output ${output.name} both want stdout for themselves`,
    {
      details: { place: '--json' },
      remedy: 'Leave --json out, or let the pipeline write to a file',
    },
  );
}
