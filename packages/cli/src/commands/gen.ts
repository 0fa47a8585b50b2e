import { ConfigError } from '@sockflow/core';
import { type GeneratedRecording, generateRecording } from '@sockflow/source-replay/generate';
import { Argument, Option } from 'commander';

import type { CommandModule } from '../command.ts';
import { ExitCode } from '../exit-code.ts';
import { jsonOption } from '../options/common-options.ts';
import { parseCount, parseInteger, parseSize } from '../options/quantities.ts';
import { StopSignals } from '../session/stop-signals.ts';
import { formatAmount, formatBytes, formatCount, formatDurationUs } from '../terminal/format.ts';
import { writeJson } from '../terminal/json-text.ts';
import { ProgressLine } from '../terminal/progress.ts';

interface GenOptions {
  readonly connections?: number;
  readonly size?: number;
  readonly seed: string;
  readonly laneGroups?: number;
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
  arguments: [new Argument('<output>', 'the recording to write: OUT.sfrec')],
  options: [
    new Option('--connections <n>', 'how many connections: 5000, 100k').argParser((text) =>
      parseCount('--connections', text),
    ),
    new Option('--size <bytes>', 'or how large, about: 64MiB, 1GiB').argParser((text) =>
      parseSize('--size', text),
    ),
    new Option('--seed <text>', 'what the connections are made from').default('1'),
    new Option(
      '--lane-groups <n>',
      'group connections so that up to n lanes share the reading: 1, 2, 4 … 64',
    ).argParser((text) => parseInteger('--lane-groups', text, 1, MAX_LANE_GROUPS)),
    jsonOption(),
  ],
  examples: [
    { line: 'sockflow gen many.sfrec --connections 100k --seed 7', says: '100,000 connections' },
    { line: 'sockflow gen big.sfrec --size 1GiB', says: 'a gibibyte of events' },
  ],
  async run(context, [output = ''], values) {
    const options = values as unknown as GenOptions;
    const amount = amountOf(options);
    const stop = new AbortController();
    const progress = new ProgressLine(context.err, 'gen');
    const signals = new StopSignals(context.err, () => stop.abort());
    const startMs = performance.now();
    try {
      const made = await generateRecording(output, {
        ...amount,
        seed: options.seed,
        signal: stop.signal,
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
  return `${made.path}: ${parts.join(' · ')} in ${formatDurationUs(durationMs * 1000)}`;
}

function amountOf({
  connections,
  size,
}: GenOptions): { connections: number } | { sizeBytes: number } {
  if (connections !== undefined && size !== undefined) {
    throw new ConfigError(
      'ERR_SOCKFLOW_INVALID_OPTION',
      '--connections and --size both say how much to make',
      { details: { place: '--connections, --size' }, remedy: 'Give one of the two' },
    );
  }
  if (connections !== undefined) return { connections };
  if (size !== undefined) return { sizeBytes: size };
  throw new ConfigError('ERR_SOCKFLOW_INVALID_OPTION', 'nothing says how much to make', {
    details: { place: 'sockflow gen' },
    remedy: 'Give --connections 10k or --size 1GiB',
  });
}
