import { basename } from 'node:path';

import { ConfigError, explainPipeline } from '@sockflow/core';
import { openRecording } from '@sockflow/source-replay';
import { Argument } from 'commander';

import { benchCall } from '../bench/bench-call.ts';
import { benchInput, generatedInput } from '../bench/bench-input.ts';
import type { BenchSubject } from '../bench/bench-runner.ts';
import { compareRuns } from '../bench/compare-runs.ts';
import { RoundCount } from '../bench/round-count.ts';
import { runBench } from '../bench/run-bench.ts';
import { inTemporaryFolder } from '../bench/temporary-folder.ts';
import { checkOutputs, writeOutcome } from '../bench/write-outcome.ts';
import type { CommandModule } from '../command.ts';
import { CommandError } from '../errors.ts';
import { benchOptions, type BenchValues } from '../options/bench-options.ts';
import { filterOptions } from '../options/filter-options.ts';
import { paramOption } from '../options/param-option.ts';
import { pipelineModuleUrl } from '../session/pipeline-module-url.ts';
import { readRecordingFilters } from '../session/recording-filters.ts';
import { findCode } from '../terminal/error-chain.ts';
import { writeWarnings } from '../terminal/warnings.ts';

/** Said in place of files: two documents are compared. A file of this name is ./compare. */
const COMPARE = 'compare';
const GENERATED_BYTES = 64 * 2 ** 20;

/** `sockflow bench`: how fast a pipeline is over a recording. */
export const benchCommand: CommandModule = {
  name: 'bench',
  drains: true,
  summary: 'measure how many events a second a pipeline takes, beside what reading alone takes',
  description:
    "Runs a pipeline over recordings again and again, in one lane and in more, in turns with only reading them, with reading six fields of each event, and with the naive way, an object for each event. Each pass must go through every event. Tells medians, ratios with their interval, what an event costs of CPU and heap, and whether others used the machine meanwhile. The pipeline's source is replaced by the recordings, and its sinks by counting ones unless --sinks real is given: nothing is written. Without a pipeline the reading of fields is measured, and without a recording a made-up one is read.",
  arguments: [
    new Argument(
      '[files...]',
      'a pipeline module (.ts, .js) or none, then recordings; or compare BEFORE.json AFTER.json',
    ),
  ],
  options: [...benchOptions(), paramOption(), ...filterOptions()],
  examples: [
    { line: 'sockflow bench slow.ts real.sfrec', says: 'your pipeline over your recording' },
    {
      line: 'sockflow bench slow.ts real.sfrec --lanes 1,2,4 --html bench.html --json bench.json',
      says: 'in one lane, two and four, with a report and a document',
    },
    { line: 'sockflow bench real.sfrec --op RTT_CB', says: 'only what a filter leaves' },
    {
      line: 'sockflow bench compare before.json after.json',
      says: 'two documents, by their ratios: exit code 1 where one got worse',
    },
    { line: 'sockflow bench', says: 'this machine, over a made-up recording' },
  ],
  async run(context, names, values) {
    const options = values as unknown as BenchValues;
    if (names[0] === COMPARE) return compareRuns(context, names.slice(1), options);
    const call = benchCall(names);
    checkOutputs(options);
    if (call.recordings.length > 0 && options.size !== undefined) throw sizeRefused();
    const subject = await subjectOf(call.pipeline, options);
    for (const path of call.recordings) openRecording(path);
    const rounds = new RoundCount();
    const measure = async (folder: string, signal: AbortSignal): Promise<void> => {
      const input =
        call.recordings.length === 0
          ? await generatedInput(folder, options.size ?? GENERATED_BYTES, signal)
          : benchInput(call.recordings);
      const { filters, warnings } = readRecordingFilters(input.paths, values);
      writeWarnings(context.err, warnings);
      const bench = { ...subject, filters };
      const { err } = context;
      const document = await runBench({
        err,
        subject: bench,
        input,
        options,
        folder,
        signal,
        rounds,
      }).catch((error: unknown) => {
        throw damageRefused(error);
      });
      writeOutcome(context, document, subject.name, options);
    };
    return inTemporaryFolder(context, measure, () => rounds.stopText());
  },
};

/** @throws what is wrong with the module, as a run would say it; its source and its sinks are not opened */
async function subjectOf(
  pipeline: string | undefined,
  { param = {}, sinks }: BenchValues,
): Promise<Omit<BenchSubject, 'filters'>> {
  if (pipeline === undefined) {
    refuse(Object.keys(param).length > 0, '--param');
    refuse(sinks === 'real', '--sinks real');
    return { name: 'fields', work: { kind: 'fields' } };
  }
  const url = pipelineModuleUrl(pipeline);
  await explainPipeline(url, { params: param });
  return {
    name: basename(pipeline),
    work: { kind: 'module', url: url.href, params: param, hasRealSinks: sinks === 'real' },
  };
}

/** Every pass would lose the same, and the figures would be of a smaller recording than the one that was named. */
function damageRefused(error: unknown): unknown {
  if (findCode(error, (code) => code === 'ERR_SOCKFLOW_RECORDING_DAMAGED') === undefined)
    return error;
  return new CommandError('ERR_SOCKFLOW_INPUT_DAMAGED', 'the recording is damaged', {
    details: { place: 'sockflow bench' },
    remedy: 'Take what is whole of it: sockflow repair IN.sfrec OUT.sfrec, and measure that',
    cause: error,
  });
}

function sizeRefused(): ConfigError {
  return new ConfigError('ERR_SOCKFLOW_INVALID_OPTION', '--size is of a made-up recording', {
    details: { place: '--size' },
    remedy: 'Leave --size out, or name no recording',
  });
}

function refuse(isGiven: boolean, option: string): void {
  if (!isGiven) return;
  throw new ConfigError('ERR_SOCKFLOW_INVALID_OPTION', `${option} is for a pipeline module`, {
    details: { place: option },
    remedy: `Give a pipeline module, or leave ${option} out`,
  });
}
