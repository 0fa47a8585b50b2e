import { Argument } from 'commander';

import type { CommandModule } from '../command.ts';
import { jsonOption, lanesOption, tolerateDamageOption } from '../options/common-options.ts';
import { paramOption } from '../options/param-option.ts';
import { pipelineModuleUrl } from '../session/pipeline-module-url.ts';
import { runSession } from '../session/run-session.ts';
import { jsonText } from '../terminal/json-text.ts';

interface RunOptions {
  readonly lanes: number;
  readonly param?: Readonly<Record<string, string>>;
  readonly json?: true;
  readonly verbose?: true;
  readonly tolerateDamage?: true;
}

/** `sockflow run`: a user's pipeline module. */
export const runCommand: CommandModule = {
  name: 'run',
  summary: 'run a pipeline module',
  description:
    'Runs a pipeline: a TypeScript or JavaScript module whose default export is what definePipeline gives. Each lane is a worker with its own copy of it. Values that the pipeline emits are printed on stdout, one JSON text a line.',
  arguments: [new Argument('<pipeline>', 'the module: slow.ts, slow.js')],
  options: [lanesOption(), paramOption(), jsonOption(), tolerateDamageOption()],
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
    return runSession(context, {
      what: 'run',
      url: pipelineModuleUrl(pipeline),
      lanes: options.lanes,
      params: options.param ?? {},
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
