import { ConfigError } from '@sockflow/core';
import type { FieldChoice } from '@sockflow/sinks';
import type { ReplaySpeed } from '@sockflow/source-replay';
import { Option } from 'commander';

import type { CommandModule } from '../command.ts';
import {
  fieldsOption,
  jsonOption,
  lanesOption,
  recordingsArgument,
  speedOption,
  tolerateDamageOption,
} from '../options/common-options.ts';
import { DRAIN_TIMEOUT_MS, drainOption, type DrainTimeout } from '../options/drain-option.ts';
import { filterOptions } from '../options/filter-options.ts';
import { durationOption } from '../options/live-options.ts';
import { timeOption } from '../options/time-option.ts';
import { RECORDING_PIPELINE, type RecordingParams } from '../pipelines/recording-params.ts';
import { checkSinks } from '../session/check-sinks.ts';
import { readFiltersOf, recordingsIn } from '../session/recordings-in.ts';
import { runSession } from '../session/run-session.ts';

interface ReplayOptions {
  readonly lanes: number;
  readonly speed?: ReplaySpeed;
  readonly follow?: true;
  readonly duration?: number;
  readonly drainTimeout?: DrainTimeout;
  readonly sink?: readonly string[];
  readonly fields?: readonly FieldChoice[];
  readonly json?: true;
  readonly verbose?: true;
  readonly tolerateDamage?: true;
}

const TABLE_SINK = 'console:';

/** `sockflow replay`: a recording through filters into sinks. */
export const replayCommand: CommandModule = {
  name: 'replay',
  drains: true,
  summary: 'send the events of a recording through filters to sinks',
  description:
    'Reads recordings, keeps the events that pass every filter, and gives them to the sinks; without --sink, to a table on the terminal. Blocks that no event of interest can be in are not read. With several lanes a file sink writes a part for each: out.0.ndjson, out.1.ndjson; file:out.ndjson?order=time writes one for all, in order of time. Several recordings, of several hosts too, are merged by time; - is standard input.',
  arguments: [recordingsArgument()],
  options: [
    sinkOption(),
    fieldsOption(),
    speedOption('max where not given'),
    followOption(),
    durationOption(),
    drainOption(),
    lanesOption(),
    timeOption('local'),
    ...filterOptions(),
    jsonOption(),
    tolerateDamageOption(),
  ],
  examples: [
    {
      line: 'sockflow replay real.sfrec --op RETRANS_CB,RTO_CB',
      says: 'losses, as a table',
    },
    {
      line: 'sockflow replay real.sfrec --op ACTIVE_ESTABLISHED_CB,PARSE_HDR_OPT_CB --tcp-flags SYN,FIN --cb-flags RTT --cidr 10.203.0.0/16 --lanes 2 --sink file:out.ndjson',
      says: 'headers with SYN or FIN of one network, by two lanes into out.0.ndjson and out.1.ndjson',
    },
    {
      line: 'sockflow replay web-1.sfrec web-2.sfrec --op RTO_CB',
      says: 'of two hosts, merged by wall clock',
    },
    {
      line: 'sockflow replay real.sfrec --port 443 --sink file:https.sfrec --sink console:',
      says: 'a smaller recording, and the table too',
    },
    {
      line: 'sockflow replay real.sfrec --op RTT_CB --fields tsNs,remoteAddress,srttUs --sink file:rtt.csv',
      says: 'three columns, for a spreadsheet or a database',
    },
    {
      line: 'sockflow replay real.sfrec --speed 1 --from 10s --sink file:10s.ndjson',
      says: 'as it was, from 10 s after its beginning on',
    },
    {
      line: 'sockflow replay out.sfrec --follow --op RETRANS_CB,RTO_CB',
      says: 'losses, while another process records',
    },
    {
      line: 'sockflow replay - --port 443',
      says: 'out of a pipe: zstd -dc real.sfrec.zst | …',
    },
    {
      line: 'sockflow replay real.sfrec --sink kafka://localhost:9092/tcp.events',
      says: 'a record each into a Kafka topic, a connection in one partition',
    },
    { line: 'sockflow replay real.sfrec --state SYN_SENT --json', says: 'only count' },
  ],
  async run(context, named, values) {
    const options = values as unknown as ReplayOptions;
    const recordings = recordingsIn(named, options.follow === true);
    if (recordings.isStream) refusePace(options);
    const sinks = options.sink ?? (options.json === true ? [] : [TABLE_SINK]);
    const { usesStdout } = await checkSinks(sinks, recordings.files, options.fields);
    if (usesStdout && options.json === true) throw jsonConflict();
    const { filters, warnings } = readFiltersOf(recordings, values);
    const params: RecordingParams = {
      recording: recordings.paths,
      ...(options.speed === undefined ? {} : { speed: options.speed }),
      follow: options.follow === true,
      filters,
      sinks,
      ...(options.fields === undefined ? {} : { fields: options.fields }),
    };
    return runSession(context, {
      what: 'replay',
      url: RECORDING_PIPELINE,
      lanes: options.lanes,
      durationMs: options.duration,
      drainTimeout: options.drainTimeout ?? DRAIN_TIMEOUT_MS,
      params: { ...params },
      isJson: options.json === true,
      isVerbose: options.verbose === true,
      toleratesDamage: options.tolerateDamage === true,
      printsEvents: usesStdout && context.out.isTty,
      warnings,
    });
  },
};

function sinkOption(): Option {
  return new Option(
    '--sink <spec>',
    'where events go: file:out.ndjson, file:out.csv, file:out.msgpack, file:out.sfrec, console:, kafka://localhost:9092/topic?compression=lz4, module:./my-sink.mjs?key=value; may be repeated',
  ).argParser((text, previous: readonly string[] | undefined) => [...(previous ?? []), text]);
}

/** What is read as it comes has no pace but its own. */
function refusePace({ speed }: ReplayOptions): void {
  if (speed === undefined || speed === 'max') return;
  throw new ConfigError(
    'ERR_SOCKFLOW_INVALID_OPTION',
    'what is read as it comes has no pace but its own',
    {
      details: { place: '--speed' },
      remedy: 'Leave --speed out, or replay a file that is complete',
    },
  );
}

function followOption(): Option {
  return new Option(
    '--follow',
    "go on with what is still written, until it is complete; 'out.*.sfrec', in quotes: a series of parts, until Ctrl-C (what its keep= removes before it was read is missed)",
  );
}

function jsonConflict(): ConfigError {
  return new ConfigError(
    'ERR_SOCKFLOW_INVALID_OPTION',
    '--json and the console sink both want stdout for themselves',
    {
      details: { place: '--json, --sink console:' },
      remedy: 'Leave one of them out, or write the events to a file: --sink file:out.ndjson',
    },
  );
}
