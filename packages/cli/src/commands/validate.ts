import { explainPipeline } from '@sockflow/core';
import { Argument } from 'commander';

import type { CommandContext, CommandModule } from '../command.ts';
import { configPipeline, declaredErrors, sinkErrors } from '../config/config-pipeline.ts';
import { hideSecrets } from '../config/load-config.ts';
import { readConfig } from '../config/read-config.ts';
import { CommandError } from '../errors.ts';
import { ExitCode } from '../exit-code.ts';
import { configOption, jsonOption } from '../options/common-options.ts';
import { paramOption } from '../options/param-option.ts';
import { pipelineModuleUrl } from '../session/pipeline-module-url.ts';
import { formatAmount } from '../terminal/format.ts';
import { writeJson } from '../terminal/json-text.ts';
import { notePlace } from '../terminal/noted-place.ts';
import { errorReport, reportError } from '../terminal/report-error.ts';
import { writeWarnings } from '../terminal/warnings.ts';

interface ValidateOptions {
  readonly config?: string;
  readonly param?: Readonly<Record<string, string>>;
  readonly json?: true;
  readonly verbose?: true;
}

/** What was found of one config file or module. */
interface Verdict {
  readonly subject: string;
  readonly errors: readonly unknown[];
  readonly warnings: readonly string[];
}

/** `sockflow validate`: whether a config file or a pipeline would run, without opening anything. */
export const validateCommand: CommandModule = {
  name: 'validate',
  summary: 'check config files and pipeline modules without running them',
  description:
    'Checks a config file, or pipeline modules: keys and values, the environment, whether the module loads, what its source, filters and sinks say of their options. Opens no recording, no file and nothing of the kernel. Tells every error, not only the first; exits with 2 where there is one.',
  arguments: [new Argument('[pipelines...]', 'pipeline modules: slow.ts')],
  options: [configOption(), paramOption(), jsonOption('verdict')],
  examples: [
    { line: 'sockflow validate -c agent.yaml', says: 'a config file, and what it names' },
    { line: 'sockflow validate slow.ts losses.ts', says: 'two modules' },
  ],
  async run(context, pipelines, values) {
    const options = values as unknown as ValidateOptions;
    if (pipelines.length === 0 && options.config === undefined) {
      throw new CommandError('ERR_SOCKFLOW_USAGE', 'nothing says what to check', {
        details: { place: 'sockflow validate' },
        remedy: 'Give a config file (-c agent.yaml) or a pipeline module',
      });
    }
    const verdicts: Verdict[] = [];
    if (options.config !== undefined) verdicts.push(await ofConfig(context, options.config));
    for (const pipeline of pipelines) {
      verdicts.push(await ofModule(pipeline, pipelineModuleUrl(pipeline), options.param ?? {}));
    }
    const isValid = verdicts.every(({ errors }) => errors.length === 0);
    if (options.json === true) {
      writeJson(context.out, {
        isValid,
        checked: verdicts.map(({ errors, ...rest }) => ({
          ...rest,
          errors: errors.map(errorReport),
        })),
      });
    } else {
      for (const verdict of verdicts) tell(context, verdict, options.verbose === true);
    }
    return isValid ? ExitCode.OK : ExitCode.USAGE;
  },
};

async function ofConfig(context: CommandContext, path: string): Promise<Verdict> {
  const { config, draft, errors, secrets, placeOf } = readConfig(path, process.env);
  hideSecrets(context, secrets);
  if (config === undefined) {
    const ofSinks = draft === undefined ? [] : await sinkErrors(draft, placeOf);
    return { subject: path, errors: [...errors, ...ofSinks], warnings: [] };
  }
  const declared = await declaredErrors(config, placeOf);
  if (declared.length > 0) return { subject: path, errors: declared, warnings: [] };
  try {
    const { url, params, warnings } = await configPipeline(config, 'check');
    const { pipeline } = config;
    const place = placeOf([pipeline === undefined ? 'source' : 'pipeline']);
    const found = await ofModule(place, url, params);
    return { subject: path, errors: found.errors, warnings: [...warnings, ...found.warnings] };
  } catch (error) {
    return { subject: path, errors: [notePlace(error, path)], warnings: [] };
  }
}

async function ofModule(
  place: string,
  url: URL,
  params: Readonly<Record<string, unknown>>,
): Promise<Verdict> {
  try {
    const { warnings } = await explainPipeline(url, { params });
    return { subject: place, errors: [], warnings };
  } catch (error) {
    return { subject: place, errors: [notePlace(error, place)], warnings: [] };
  }
}

function tell({ err }: CommandContext, verdict: Verdict, isVerbose: boolean): void {
  const { subject, errors, warnings } = verdict;
  writeWarnings(err, warnings);
  for (const error of errors) reportError(err, error, isVerbose);
  err.line(`${subject}: ${errors.length === 0 ? 'valid' : formatAmount(errors.length, 'error')}`);
}
