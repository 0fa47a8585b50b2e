import { ConfigError } from '@sockflow/core';
import { Argument } from 'commander';

import type { CommandModule } from '../command.ts';
import { ExitCode } from '../exit-code.ts';
import { isNamedLikeOther } from '../options/choose-format.ts';
import { jsonOption, lanesOption } from '../options/common-options.ts';
import {
  compressionOptions,
  type CompressionValues,
  readCompression,
} from '../options/compression-options.ts';
import { DRAIN_TIMEOUT_MS, drainOption, type DrainTimeout } from '../options/drain-option.ts';
import {
  durationOption,
  LOSS_REMEDY,
  liveFilterOptions,
  liveOptions,
  readLiveSource,
} from '../options/live-options.ts';
import { readLiveFilters } from '../options/read-live-filters.ts';
import { statusOption } from '../options/status-option.ts';
import { LIVE_PIPELINE, type LiveParams } from '../pipelines/live-params.ts';
import { checkRecordingOutput, isStdout, isStreamOutput } from '../session/recording-output.ts';
import { runSession } from '../session/run-session.ts';
import { formatDurationUs } from '../terminal/format.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface RecordOptions extends CompressionValues {
  readonly lanes: number;
  readonly duration?: number;
  readonly drainTimeout?: DrainTimeout;
  readonly statusEvery?: number;
  readonly json?: true;
  readonly verbose?: true;
}

/** `sockflow record`: what the kernel reports, into a recording. */
export const recordCommand: CommandModule = {
  name: 'record',
  drains: true,
  canBeLive: true,
  summary: 'record what the kernel reports of TCP connections',
  description:
    'Attaches to a cgroup and writes the events of its sockets to a recording until Ctrl-C or --duration: connects, handshakes, state changes, losses, and RTT samples folded into summaries. With several lanes each writes a part, out.0.sfrec, out.1.sfrec: out.sfrec is the name of the whole, for inspect, replay and all others. An earlier recording of that name is replaced once this one is complete. What a full ring lost is counted, told, and in its place in the recording. With - it goes to standard output, and its events to whoever reads there as they come. To write in parts (rotation, keep), with fsync or with waiting for a full disk: `sockflow run -c FILE`, where the file has {source: {bpf: {}}, sinks: ["file:out.sfrec?rotate=64MiB&keep=10"]}. `sockflow doctor` says what works on this machine.',
  arguments: [
    new Argument('<recording>', 'the recording to write: OUT.sfrec; - is standard output'),
  ],
  options: [
    durationOption(),
    drainOption(),
    statusOption(),
    lanesOption(),
    ...liveOptions(),
    ...liveFilterOptions(),
    ...compressionOptions(),
    jsonOption(),
  ],
  examples: [
    { line: 'sockflow record out.sfrec --duration 10s', says: 'everything, for ten seconds' },
    {
      line: 'sockflow record web.sfrec --cgroup /system.slice/nginx.service --port 443 --lanes 2',
      says: 'one service, by two lanes; then: sockflow inspect web.sfrec',
    },
    {
      line: 'sockflow record losses.sfrec --op RTO_CB,RETRANS_CB,STATE_CB',
      says: 'only losses and state changes are asked for',
    },
    {
      line: 'sockflow record all.sfrec --op all --sample 1/16',
      says: 'every op and every RTT sample, of a sixteenth of the connections',
    },
    {
      line: "ssh web-1 'sudo sockflow record - --port 443' | sockflow cat -",
      says: 'events of another host, as they come',
    },
  ],
  async run(context, [output = ''], values) {
    const options = values as unknown as RecordOptions;
    refuseOther(output);
    checkRecordingOutput(context.out, output, {
      isJson: options.json === true,
      lanes: options.lanes,
    });
    const params: LiveParams = {
      source: readLiveSource(values),
      filters: readLiveFilters(values),
      output,
      compression: readCompression(options),
    };
    const isJson = options.json === true;
    const exitCode = await runSession(context, {
      what: 'record',
      url: LIVE_PIPELINE,
      lossRemedy: LOSS_REMEDY,
      lanes: options.lanes,
      durationMs: options.duration,
      drainTimeout: options.drainTimeout ?? DRAIN_TIMEOUT_MS,
      statusEveryMs: options.statusEvery,
      params: { ...params },
      isJson,
      isVerbose: options.verbose === true,
      toleratesDamage: false,
      printsEvents: false,
      warnings: nameWarnings(output),
      ...(isJson ? {} : { startText: startText(output, options.duration) }),
    });
    const isWritten = exitCode === ExitCode.OK || exitCode === ExitCode.INTERRUPTED;
    if (isWritten && !isJson && !isStreamOutput(output))
      tellNext(context.err, output, options.lanes);
    return exitCode;
  },
};

function startText(output: string, durationMs: number | undefined): string {
  const end = durationMs === undefined ? '' : ` after ${formatDurationUs(durationMs * 1000)}, or`;
  return `recording to ${isStdout(output) ? 'standard output' : output}; ends${end} with Ctrl-C`;
}

function tellNext(err: Terminal, output: string, lanes: number): void {
  const parts = lanes === 1 ? '' : `${lanes} parts, one recording: `;
  err.line(`  ${err.colors.dim('next')}  ${parts}sockflow inspect ${output}`);
}

/** Bytes tell a recording, whatever its name; people go by the name. */
function nameWarnings(output: string): string[] {
  return /\.sfrec$/i.test(output) || isStreamOutput(output)
    ? []
    : [`a recording's name usually ends in .sfrec: '${output}' will be one all the same`];
}

/** What belongs to a sink as text is no part of a name here: a file would be called so. */
function refuseSinkText(output: string): void {
  const isQuery = /\?[\w-]+=/.test(output);
  const isScheme = /^(?:file|console|module|memory):/.test(output);
  if (!isQuery && !isScheme && !/\{[a-z]+\}/.test(output)) return;
  throw new ConfigError(
    'ERR_SOCKFLOW_INVALID_OPTION',
    `record takes the name of one recording, and '${output}' is ${isQuery || isScheme ? 'a sink with its options' : 'the name of a series'}`,
    {
      details: { place: 'the recording' },
      remedy:
        'Give a plain name: out.sfrec. For rotation, keep, fsync and waiting: sockflow run -c FILE, where the file has {source: {bpf: {}}, sinks: ["file:out.sfrec?rotate=64MiB&keep=10"]}',
    },
  );
}

/** People go by the name: what is called like text is not to be a recording. */
function refuseOther(output: string): void {
  refuseSinkText(output);
  if (!isNamedLikeOther(output)) return;
  throw new ConfigError(
    'ERR_SOCKFLOW_INVALID_OPTION',
    `record writes a recording, and '${output}' is named like another format`,
    {
      details: { place: 'the recording' },
      remedy: 'Give a name that ends in .sfrec, and convert the recording in a second step',
    },
  );
}
