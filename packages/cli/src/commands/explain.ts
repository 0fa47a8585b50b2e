import { ConfigError, explainPipeline } from '@sockflow/core';
import { Argument } from 'commander';

import type { CommandModule, OptionValues } from '../command.ts';
import { ExitCode } from '../exit-code.ts';
import { jsonOption } from '../options/common-options.ts';
import { filterOptions } from '../options/filter-options.ts';
import { paramOption } from '../options/param-option.ts';
import { RECORDING_PIPELINE, type RecordingParams } from '../pipelines/recording-params.ts';
import { isRecording } from '../session/is-recording.ts';
import { pipelineModuleUrl } from '../session/pipeline-module-url.ts';
import { readRecordingFilters } from '../session/recording-filters.ts';
import { renderExplanation } from '../terminal/explanation-text.ts';
import { writeJson } from '../terminal/json-text.ts';
import { writeWarnings } from '../terminal/warnings.ts';

interface ExplainOptions {
  readonly param?: Readonly<Record<string, string>>;
  readonly json?: true;
}

const FILTER_KEYS = filterOptions().map((option) => option.attributeName());

/** `sockflow explain`: what runs where, without running it. */
export const explainCommand: CommandModule = {
  name: 'explain',
  summary: 'show what of a pipeline or of filters runs where',
  description:
    'Shows what the source does itself (blocks that are never read), which filters run as one loop, and what remains: of a pipeline module, or of a recording with filters as replay takes them. Reads no event.',
  arguments: [
    new Argument('<pipeline-or-recording>', 'a pipeline module (.ts, .js), or a recording'),
  ],
  options: [paramOption(), ...filterOptions(), jsonOption('explanation')],
  examples: [
    { line: 'sockflow explain slow.ts', says: 'a pipeline' },
    {
      line: 'sockflow explain real.sfrec --op RTT_CB --port 443',
      says: 'what replay would do with these filters',
    },
  ],
  async run(context, [subject = ''], values) {
    const options = values as unknown as ExplainOptions;
    const { url, params, warnings } = isRecording(subject)
      ? ofRecording(subject, values)
      : ofModule(subject, values, options);
    const explanation = await explainPipeline(url, { params });
    const all = [...warnings, ...explanation.warnings];
    if (options.json === true) {
      writeJson(context.out, { ...explanation, warnings: all });
    } else {
      context.out.line(renderExplanation(context.out, explanation));
      writeWarnings(context.err, all);
    }
    return ExitCode.OK;
  },
};

interface Subject {
  readonly url: URL;
  readonly params: Readonly<Record<string, unknown>>;
  readonly warnings: readonly string[];
}

function ofRecording(recording: string, values: OptionValues): Subject {
  if (values['param'] !== undefined) {
    throw new ConfigError('ERR_SOCKFLOW_INVALID_OPTION', 'a recording takes no parameters', {
      details: { place: '--param' },
      remedy: 'Leave --param out, or give a pipeline module',
    });
  }
  const { filters, warnings } = readRecordingFilters(recording, values);
  const params: RecordingParams = { recording, filters, sinks: [] };
  return { url: RECORDING_PIPELINE, params: { ...params }, warnings };
}

function ofModule(typed: string, values: OptionValues, options: ExplainOptions): Subject {
  const misplaced = FILTER_KEYS.find((key) => values[key] !== undefined);
  if (misplaced !== undefined) {
    const flag = filterOptions().find((option) => option.attributeName() === misplaced)?.long;
    throw new ConfigError(
      'ERR_SOCKFLOW_INVALID_OPTION',
      'filters on the command line are for recordings; a pipeline has its own',
      { details: { place: flag }, remedy: 'Leave them out, or give a recording' },
    );
  }
  return { url: pipelineModuleUrl(typed), params: options.param ?? {}, warnings: [] };
}
