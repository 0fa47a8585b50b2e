import { ConfigError } from '@sockflow/core';
import type { FieldChoice } from '@sockflow/sinks';
import { openRecording } from '@sockflow/source-replay';
import { Argument, InvalidArgumentError, Option } from 'commander';

import type { CommandContext, CommandModule } from '../command.ts';
import { convertOrigin, type OriginOptions } from '../convert/convert-origin.ts';
import { convertToRecording } from '../convert/convert-to-recording.ts';
import { openTextInput, STDIO } from '../convert/text-input.ts';
import { ExitCode } from '../exit-code.ts';
import {
  chooseOutputFormat,
  isNamedLikeOther,
  OUTPUT_FORMATS,
  type OutputFormat,
} from '../options/choose-format.ts';
import {
  fieldsOption,
  jsonOption,
  laneGroupsOption,
  tolerateDamageOption,
} from '../options/common-options.ts';
import {
  compressionOptions,
  type CompressionValues,
  readCompression,
  refuseCompression,
} from '../options/compression-options.ts';
import { badValue, parseInteger } from '../options/quantities.ts';
import { RECORDING_PIPELINE, type RecordingParams } from '../pipelines/recording-params.ts';
import { checkRecordingOutput, isStdout } from '../session/recording-output.ts';
import { recordingsIn } from '../session/recordings-in.ts';
import { runSession } from '../session/run-session.ts';
import { refuseSameFile } from '../session/same-file.ts';
import { StopSignals } from '../session/stop-signals.ts';
import { formatAmount, formatDurationUs } from '../terminal/format.ts';
import { writeJson } from '../terminal/json-text.ts';
import { ProgressLine } from '../terminal/progress.ts';

interface ConvertOptions extends OriginOptions, CompressionValues {
  readonly from?: 'context-json';
  readonly to?: OutputFormat;
  readonly fields?: readonly FieldChoice[];
  readonly laneGroups?: number;
  readonly recordingId?: string;
  readonly withOrigins?: true;
  readonly json?: true;
  readonly verbose?: true;
  readonly tolerateDamage?: true;
}

const ORIGIN_KEYS = ['origin', 'host', 'kernel', 'hz', 'bootTime'] as const;
const ORIGIN_GROUP = 'Origin (of --from context-json; what is left out stays unknown):';
const MAX_HZ = 10_000;

/** `sockflow convert`: raw events to a recording, a recording to JSON, CSV, msgpack or raw events. */
export const convertCommand: CommandModule = {
  name: 'convert',
  drains: true,
  summary: 'make a recording of raw events, or JSON, CSV or msgpack of a recording',
  description:
    'With --from context-json: raw fields of struct bpf_sock_ops, one JSON object a line, plain or gzip, become a recording. Otherwise the input is a recording, which becomes decoded events (ndjson, csv, msgpack), the raw fields again (context-json), or another recording.',
  arguments: [
    new Argument('<input>', 'a recording, or with --from a text file; - is the standard input'),
    new Argument('<output>', 'the file to write; - is the standard output'),
  ],
  options: [
    new Option(
      '--from <format>',
      'what the input is, if no recording: context-json, raw events',
    ).argParser(parseInputFormat),
    new Option('--to <format>', 'what to write, where the name does not say it').choices(
      OUTPUT_FORMATS,
    ),
    fieldsOption(),
    new Option(
      '--with-origins',
      'with --to context-json: lines that name the hosts and boots, with clock and HZ; nothing of a recording is lost then',
    ),
    ...originOptions(),
    laneGroupsOption(),
    new Option(
      '--recording-id <hex>',
      'id of the recording, 32 digits: the same input and id give the same bytes',
    ),
    ...compressionOptions(),
    jsonOption(),
    tolerateDamageOption(),
  ],
  examples: [
    {
      line: 'sockflow convert --from context-json events.ndjson.gz mine.sfrec --hz 250 --origin web-1 --kernel 6.18.44',
      says: 'a recording of raw events of your own BPF program',
    },
    {
      line: 'sockflow convert mine.sfrec events.ndjson',
      says: 'decoded events, one JSON object a line',
    },
    {
      line: 'sockflow convert mine.sfrec events.csv --fields tsNs,op,remotePort,srttUs',
      says: 'a table of four columns',
    },
    {
      line: 'sockflow convert --to context-json mine.sfrec - | head',
      says: 'the raw fields again',
    },
    {
      line: 'sockflow convert --from context-json - - < events.ndjson | sockflow inspect -',
      says: 'raw events out of a pipe, and the recording into one',
    },
    {
      line: 'sockflow convert --to context-json --with-origins mine.sfrec mine.context.ndjson.gz',
      says: 'all of a recording as text: --from context-json makes the same events of it, of the same hosts',
    },
  ],
  async run(context, [input = '', output = ''], values) {
    const options = values as unknown as ConvertOptions;
    if (input !== STDIO && output !== STDIO) refuseSameFile(input, output);
    if (options.from === 'context-json') return convertFromContext(context, input, output, options);
    return convertFromRecording(context, input, output, options);
  },
};

function originOptions(): Option[] {
  const options = [
    new Option('--origin <name>', 'name of the host and boot: its boot id, say'),
    new Option('--host <name>', 'host name'),
    new Option('--kernel <release>', 'kernel release: 6.18.44'),
    new Option('--hz <n>', "the kernel's CONFIG_HZ: without it, no RTO in time").argParser((text) =>
      parseInteger('--hz', text, 1, MAX_HZ),
    ),
    new Option(
      '--boot-time <time>',
      'wall clock at boot, 2026-11-22T10:00:00Z: without it, no wall time',
    ).argParser(parseBootTime),
  ];
  return options.map((option) => option.helpGroup(ORIGIN_GROUP));
}

function parseBootTime(text: string): bigint {
  const epochMs = Date.parse(text);
  if (!/^\d{4}-\d{2}-\d{2}T/.test(text) || Number.isNaN(epochMs)) {
    throw badValue('--boot-time', text, 'a time such as 2026-11-22T10:00:00Z');
  }
  return BigInt(epochMs) * 1_000_000n;
}

async function convertFromContext(
  context: CommandContext,
  input: string,
  output: string,
  options: ConvertOptions,
): Promise<ExitCode> {
  refuseRecordingOutput(output, options.to);
  checkRecordingOutput(context.out, output, { isJson: options.json === true });
  if (options.fields !== undefined) {
    throw conflict('--fields', 'a recording has all fields of its events', 'Leave it out');
  }
  const { laneGroups, recordingId } = options;
  const compression = readCompression(options);
  const text = await openTextInput(input);
  const progress = new ProgressLine(context.err, 'convert');
  const stop = new AbortController();
  const signals = new StopSignals(context.err, () => stop.abort());
  const startMs = performance.now();
  try {
    const report = await convertToRecording(
      text,
      output,
      {
        originOf: (firstLine) => convertOrigin(options, firstLine),
        isGiven: ORIGIN_KEYS.some((key) => options[key] !== undefined),
      },
      {
        ...compression,
        ...(laneGroups === undefined ? {} : { laneGroups }),
        ...(recordingId === undefined ? {} : { recordingId }),
      },
      { signal: stop.signal, progress },
    );
    progress.stop();
    const durationMs = Math.round(performance.now() - startMs);
    if (options.json === true) writeJson(context.out, { input, output, ...report, durationMs });
    else tellConversion(context, output, report.events, durationMs);
    return signals.exitCode ?? ExitCode.OK;
  } finally {
    progress.stop();
    signals.close();
  }
}

/** A conversion of raw events gives a recording: another output is refused before anything is read. */
function refuseRecordingOutput(output: string, to: OutputFormat | undefined): void {
  if (to !== undefined && to !== 'recording') {
    throw conflict(
      '--from, --to',
      `--from context-json gives a recording, not ${to}`,
      'Convert the recording in a second step',
    );
  }
  if (to === undefined && isNamedLikeOther(output)) {
    throw conflict(
      output,
      `--from context-json gives a recording, and '${output}' is named like another format`,
      'Give a name that ends in .sfrec, and convert the recording in a second step; or add --to recording',
    );
  }
}

function tellConversion(
  { err }: CommandContext,
  output: string,
  events: number,
  durationMs: number,
): void {
  const name = isStdout(output) ? 'standard output' : output;
  err.line(`${name}: ${formatAmount(events, 'event')} in ${formatDurationUs(durationMs * 1000)}`);
  if (events === 0) err.line(`${err.colors.yellow('warning')} the input has no event`);
}

async function convertFromRecording(
  context: CommandContext,
  input: string,
  output: string,
  options: ConvertOptions,
): Promise<ExitCode> {
  const format = chooseRecordingOutput(output, options);
  const isOnStdout = isStdout(output);
  const recordings = recordingsIn([input]);
  if (format === 'recording')
    checkRecordingOutput(context.out, output, { isJson: options.json === true });
  else refuseCompression(options, format);
  const hasOrigins = options.withOrigins === true;
  if (hasOrigins && format !== 'context-json') throw misplacedOrigins(format);
  const compression = readCompression(options);
  const params: RecordingParams = {
    recording: recordings.paths,
    filters: { ports: [], networks: [] },
    ...(options.fields === undefined ? {} : { fields: options.fields }),
    sinks: [
      isOnStdout && !hasOrigins && format !== 'recording'
        ? `console:?encoding=${format}`
        : { path: output, encoding: format, compression, hasOrigins },
    ],
  };
  return runSession(context, {
    what: 'convert',
    url: RECORDING_PIPELINE,
    lanes: 1,
    params: { ...params },
    isJson: options.json === true,
    isVerbose: options.verbose === true,
    toleratesDamage: options.tolerateDamage === true,
    printsEvents: isOnStdout && context.out.isTty,
    warnings: recordings.files.flatMap((path) => [...openRecording(path).notes]),
  });
}

/** What to write of a recording, with everything refused that cannot be done. */
function chooseRecordingOutput(output: string, options: ConvertOptions): OutputFormat {
  const misplaced = ORIGIN_KEYS.find((key) => options[key] !== undefined);
  if (misplaced !== undefined) {
    const flag = `--${misplaced.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    throw conflict(
      flag,
      `${flag} says where raw events come from; a recording knows`,
      'Leave it out, or add --from context-json',
    );
  }
  const format = chooseOutputFormat(output, options.to);
  if (output !== STDIO) return format;
  if (options.json === true) {
    throw conflict(
      '--json',
      '--json and the output - both want stdout for themselves',
      'Give a file name for the output',
    );
  }
  return format;
}

/** What decoded events leave out no reader can put back: why they are no input. */
const DECODED_FORMATS: ReadonlySet<string> = new Set(
  OUTPUT_FORMATS.filter((format) => format !== 'recording' && format !== 'context-json'),
);

function parseInputFormat(text: string): 'context-json' {
  if (text === 'context-json') return text;
  if (DECODED_FORMATS.has(text)) {
    throw conflict(
      `--from ${text}`,
      `${text} has decoded events: values are rounded to whole units, and what the op does not need is left out, so no recording can be made of them`,
      'Write the raw fields instead, which come back exactly: sockflow convert --to context-json --with-origins REC.sfrec OUT.context.ndjson',
    );
  }
  throw new InvalidArgumentError('Allowed choices are context-json.');
}

function misplacedOrigins(format: OutputFormat): ConfigError {
  return conflict(
    '--with-origins',
    `--with-origins is of context-json, and the output is ${format}`,
    'Leave it out, or add --to context-json',
  );
}

function conflict(place: string, message: string, remedy: string): ConfigError {
  return new ConfigError('ERR_SOCKFLOW_INVALID_OPTION', message, { details: { place }, remedy });
}
