import { ConfigError, explainPipeline } from '@sockflow/core';
import { Argument } from 'commander';

import type { CommandModule } from '../command.ts';
import { jsonOption, lanesOption, tolerateDamageOption } from '../options/common-options.ts';
import { durationOption } from '../options/live-options.ts';
import { paramOption } from '../options/param-option.ts';
import { pipelineModuleUrl } from '../session/pipeline-module-url.ts';
import { runSession } from '../session/run-session.ts';
import { jsonText } from '../terminal/json-text.ts';

interface RunOptions {
  readonly lanes: number;
  readonly duration?: number;
  readonly param?: Readonly<Record<string, string>>;
  readonly json?: true;
  readonly verbose?: true;
  readonly tolerateDamage?: true;
}

/** The kernel is asked by the module. */
const LOSS_REMEDY =
  'take more lanes (--lanes), and in the module larger ringBytes or fewer ops of bpf()';

/** What the console sink calls itself. */
const CONSOLE_SINK = 'console';

/** `sockflow run`: a user's pipeline module. */
export const runCommand: CommandModule = {
  name: 'run',
  drains: true,
  canBeLive: true,
  summary: 'run a pipeline module',
  description:
    'Runs a pipeline: a TypeScript or JavaScript module whose default export is what definePipeline gives. Each lane is a worker with its own copy of it. Values that the pipeline emits are printed on stdout, one JSON text a line.',
  arguments: [new Argument('<pipeline>', 'the module: slow.ts, slow.js')],
  options: [lanesOption(), durationOption(), paramOption(), jsonOption(), tolerateDamageOption()],
  examples: [
    { line: 'sockflow run slow.ts', says: 'one lane' },
    {
      line: 'sockflow run slow.ts --lanes 2 --param file=other.sfrec',
      says: 'two lanes; the module exports definePipeline((params) => ({ … }))',
    },
  ],
  async run(context, [pipeline = ''], values) {
    const options = values as unknown as RunOptions;
    const results: unknown[] = [];
    const isJson = options.json === true;
    const url = pipelineModuleUrl(pipeline);
    const params = options.param ?? {};
    if (isJson) await refuseConsole(url, params);
    return runSession(context, {
      what: 'run',
      url,
      lossRemedy: LOSS_REMEDY,
      lanes: options.lanes,
      durationMs: options.duration,
      params,
      isJson,
      isVerbose: options.verbose === true,
      toleratesDamage: options.tolerateDamage === true,
      printsEvents: false,
      jsonExtras: () => ({ results }),
      onResult: (value) => {
        if (isJson) results.push(value);
        else context.out.line(jsonText(value));
      },
    });
  },
};

/** With --json stdout is the summary's alone: a pipeline that writes events there cannot run so. */
async function refuseConsole(url: URL, params: Readonly<Record<string, string>>): Promise<void> {
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
