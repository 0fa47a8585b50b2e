import { resolve } from 'node:path';

import { ConfigError } from '@sockflow/core';
import { type GeneratedRecording, generateRecording } from '@sockflow/source-replay/generate';
import { Argument, Option } from 'commander';

import type { CommandModule } from '../command.ts';
import { ExitCode } from '../exit-code.ts';
import { jsonOption } from '../options/common-options.ts';
import {
  compressionOptions,
  type CompressionValues,
  readCompression,
} from '../options/compression-options.ts';
import { generateOptionsOf, genOptions, type GenValues } from '../options/gen-options.ts';
import { parseInteger } from '../options/quantities.ts';
import { checkRecordingOutput, isStdout } from '../session/recording-output.ts';
import { StopSignals } from '../session/stop-signals.ts';
import { formatAmount, formatBytes, formatCount, formatDurationUs } from '../terminal/format.ts';
import { writeJson } from '../terminal/json-text.ts';
import { ProgressLine } from '../terminal/progress.ts';

interface GenOptions extends GenValues, CompressionValues {
  readonly laneGroups?: number;
  readonly truth?: string;
  readonly json?: true;
}

const MAX_LANE_GROUPS = 64;

/** `sockflow gen`: a recording of made-up connections. */
export const genCommand: CommandModule = {
  name: 'gen',
  drains: true,
  summary: 'make a recording of whole connection lifetimes, from a seed',
  description:
    'Writes a recording of made-up connections, each from handshake to close in the order the kernel gives events: RTT samples, losses, timeouts, resets, refusals, half-open ones, IPv4, IPv6 and v4-mapped, many alive at once. The same seed gives the same bytes.',
  arguments: [new Argument('<output>', 'the recording to write: OUT.sfrec; - is standard output')],
  options: [
    ...genOptions(),
    new Option(
      '--lane-groups <n>',
      'group connections so that up to n lanes share the reading: 1, 2, 4 … 64',
    ).argParser((text) => parseInteger('--lane-groups', text, 1, MAX_LANE_GROUPS)),
    new Option(
      '--truth <file>',
      'write what happened to each connection, as NDJSON: to test a pipeline against',
    ),
    ...compressionOptions(),
    jsonOption(),
  ],
  examples: [
    { line: 'sockflow gen many.sfrec --connections 100k --seed 7', says: '100,000 connections' },
    { line: 'sockflow gen big.sfrec --size 1GiB', says: 'a gibibyte of events' },
    { line: 'sockflow gen - --connections 50 | sockflow cat -', says: 'without a file' },
    {
      line: 'sockflow gen lossy.sfrec --duration 60s --rate 200 --loss 2% --rtt 20ms --rtt-p99 150ms --truth lossy.truth.ndjson',
      says: 'a minute on a bad path, and what a pipeline is to find in it',
    },
  ],
  async run(context, [output = ''], values) {
    const options = values as unknown as GenOptions;
    checkRecordingOutput(context.out, output, { isJson: options.json === true });
    const what = generateOptionsOf(options);
    const compression = readCompression(options);
    checkTruth(output, options.truth);
    const stop = new AbortController();
    const progress = new ProgressLine(context.err, 'gen');
    const signals = new StopSignals(context.err, () => stop.abort());
    const startMs = performance.now();
    try {
      const made = await generateRecording(output, {
        ...what,
        ...compression,
        signal: stop.signal,
        ...(options.truth === undefined ? {} : { truthPath: options.truth }),
        ...(options.laneGroups === undefined ? {} : { laneGroups: options.laneGroups }),
        onProgress: ({ ratio, events, bytes }) =>
          progress.update({ doneBytes: bytes, totalBytes: bytes / ratio, events }),
      });
      progress.stop();
      const durationMs = Math.round(performance.now() - startMs);
      if (options.json === true) writeJson(context.out, { ...made, durationMs });
      else context.err.line(summaryText(made, durationMs));
      return signals.exitCode ?? ExitCode.OK;
    } finally {
      progress.stop();
      signals.close();
    }
  },
};

function summaryText(made: GeneratedRecording, durationMs: number): string {
  const parts = [
    formatAmount(made.events, 'event'),
    formatAmount(made.connections, 'connection'),
    `${formatCount(made.peakAlive)} alive at once`,
    formatBytes(made.fileBytes),
  ];
  const name = isStdout(made.path) ? 'standard output' : made.path;
  return `${name}: ${parts.join(' · ')} in ${formatDurationUs(durationMs * 1000)}`;
}

function checkTruth(output: string, truth: string | undefined): void {
  if (truth === undefined || resolve(truth) !== resolve(output)) return;
  throw new ConfigError(
    'ERR_SOCKFLOW_INVALID_OPTION',
    `--truth is the recording itself: '${truth}'`,
    { details: { place: '--truth' }, remedy: 'Give another name, such as truth.ndjson' },
  );
}
