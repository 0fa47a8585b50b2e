import { openRecording, type Recording } from '@sockflow/source-replay';
import { Argument } from 'commander';

import type { CommandModule } from '../command.ts';
import { CommandError } from '../errors.ts';
import { ExitCode } from '../exit-code.ts';
import { isNamedLikeOther } from '../options/choose-format.ts';
import { jsonOption, laneGroupsOption, tolerateDamageOption } from '../options/common-options.ts';
import {
  compressionOptions,
  type CompressionValues,
  readCompression,
} from '../options/compression-options.ts';
import { filterOptions } from '../options/filter-options.ts';
import { RECORDING_PIPELINE, type RecordingParams } from '../pipelines/recording-params.ts';
import { checkRecordingOutput, isStreamOutput } from '../session/recording-output.ts';
import { readFiltersOf, recordingsIn } from '../session/recordings-in.ts';
import { runSession } from '../session/run-session.ts';
import { type SliceFacts, sliceFacts, sliceText } from '../slice/slice-facts.ts';

interface SliceOptions extends CompressionValues {
  readonly laneGroups?: number;
  readonly json?: true;
  readonly verbose?: true;
  readonly tolerateDamage?: true;
}

/** `sockflow slice`: recordings through filters into a smaller one. */
export const sliceCommand: CommandModule = {
  name: 'slice',
  drains: true,
  summary: 'make a smaller recording of those events that pass filters',
  description:
    'Reads recordings, keeps the events that pass every filter, in their order and exactly as they are, with the hosts and boots they come from, and writes them as one recording. Losses and clock anchors are kept whatever the filters say. Blocks in which nothing can pass are not read. Several recordings are merged by time.',
  arguments: [
    new Argument(
      '<recordings...>',
      'the recordings to read, and last the one to write: OUT.sfrec; - is standard input, and last standard output',
    ),
  ],
  options: [
    ...filterOptions(),
    laneGroupsOption(),
    ...compressionOptions(),
    jsonOption(),
    tolerateDamageOption(),
  ],
  examples: [
    {
      line: 'sockflow slice day.sfrec outage.sfrec --from 2026-11-22T10:00:00Z --to 2026-11-22T10:15:00Z',
      says: 'a quarter of an hour',
    },
    {
      line: 'sockflow slice real.sfrec one.sfrec --connection 4166',
      says: 'one connection, to send to somebody',
    },
    {
      line: 'sockflow slice web-1.sfrec web-2.sfrec both.sfrec --port 443 --lane-groups 8',
      says: 'HTTPS of two hosts in one recording that eight lanes can share',
    },
    {
      line: "ssh web-1 'sockflow slice day.sfrec - --port 443' | sockflow inspect -",
      says: 'only what is of interest goes over the network',
    },
  ],
  async run(context, args, values) {
    const options = values as unknown as SliceOptions;
    const inputs = args.slice(0, -1);
    const output = args.at(-1) ?? '';
    if (inputs.length === 0) throw outputMissing(output);
    if (isNamedLikeOther(output)) throw otherFormat(output);
    checkRecordingOutput(context.out, output, { isJson: options.json === true });
    const given = recordingsIn(inputs);
    const recordings = given.isStream ? [] : given.paths.map((path) => openRecording(path));
    const { filters, warnings } = readFiltersOf(given, values);
    const params: RecordingParams = {
      recording: given.paths,
      filters,
      sinks: [
        {
          path: output,
          encoding: 'recording',
          laneGroups: options.laneGroups ?? 1,
          compression: readCompression(options),
          origins: recordings.flatMap(({ origins }) => origins),
        },
      ],
    };
    const exitCode = await runSession(context, {
      what: 'slice',
      url: RECORDING_PIPELINE,
      lanes: 1,
      params: { ...params },
      isJson: options.json === true,
      isVerbose: options.verbose === true,
      toleratesDamage: options.tolerateDamage === true,
      printsEvents: false,
      warnings,
      jsonExtras: () => ({ slice: factsOf(recordings, output) }),
    });
    if (options.json !== true && (exitCode === ExitCode.OK || exitCode === ExitCode.BAD_INPUT)) {
      const facts = factsOf(recordings, output);
      if (facts !== undefined) context.err.line(sliceText(output, facts));
    }
    return exitCode;
  },
};

/** What was kept shows where both sides can be looked at; of a pipe the summary of the run tells. */
function factsOf(inputs: readonly Recording[], output: string): SliceFacts | undefined {
  return inputs.length === 0 || isStreamOutput(output) ? undefined : sliceFacts(inputs, output);
}

function outputMissing(input: string): CommandError {
  return new CommandError('ERR_SOCKFLOW_USAGE', 'the recording to write is missing', {
    details: { place: 'sockflow slice' },
    remedy: `Name it last: sockflow slice ${input} OUT.sfrec`,
  });
}

function otherFormat(output: string): CommandError {
  return new CommandError(
    'ERR_SOCKFLOW_USAGE',
    `a slice is a recording, and '${output}' is named like another format`,
    {
      details: { place: output },
      remedy: 'Give a name that ends in .sfrec; for other formats: sockflow replay --sink',
    },
  );
}
