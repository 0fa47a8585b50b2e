import { ConfigError, type Sink } from '@sockflow/core';

import { console, type ConsoleOptions } from './console/console.ts';
import type { FieldChoice } from './encodings/event-code/event-fields.ts';
import { encodingByExtension, type EncodingName, noEncoding } from './encodings/find-encoding.ts';
import { WALL_ZONES, type WallZone } from './encodings/table/wall-zone.ts';
import { uncompressedName } from './file/compression.ts';
import type { FileOptions, FsyncPolicy, OnError } from './file/file-settings.ts';
import { file } from './file/file.ts';
import { kafkaFrom } from './kafka/kafka-from-spec.ts';
import { memory } from './memory/memory.ts';
import { moduleSink } from './module/module-sink.ts';
import { ordered } from './ordered/ordered.ts';
import { parseSinkSpec, type SinkSpec } from './sink-spec.ts';
import { SpecOptions } from './spec-options.ts';
import { splitSpool } from './spool/spool-from-spec.ts';
import { unknownName } from './unknown-name.ts';

/** Settings of {@link loadSink}. */
export interface LoadSinkOptions {
  /** The folder that relative module paths start from; the current one where not given. */
  readonly baseDir?: string;
  /** The fields of events, where the text says none. */
  readonly fields?: readonly FieldChoice[] | undefined;
}

type MakeSink = (spec: SinkSpec, context: LoadSinkOptions) => Sink | Promise<Sink>;

/** The kinds of sinks by what stands before the colon. Another destination is a line here. */
const SCHEMES: Readonly<Record<string, MakeSink>> = {
  file: fileFrom,
  console: consoleFrom,
  memory: memoryFrom,
  kafka: kafkaFrom,
  module: (spec, { baseDir = process.cwd() }) =>
    moduleSink(spec.target, Object.fromEntries(spec.options), baseDir),
};

function encodingOptions(options: SpecOptions, { fields }: LoadSinkOptions): ConsoleOptions {
  const encoding = options.text('encoding') as EncodingName | undefined;
  const own = options.list('fields') as readonly FieldChoice[] | undefined;
  return { encoding, fields: own ?? fields };
}

function fileFrom(spec: SinkSpec, context: LoadSinkOptions): Sink {
  if (spec.target === '') throw missingTarget('file', 'file:out.ndjson');
  const options = new SpecOptions(spec);
  const choice = encodingOptions(options, context);
  const settings = {
    flushAfterMs: options.durationMs('flush') ?? options.count('flushAfterMs'),
    rotateBytes: options.sizeBytes('rotate'),
    rotateAfterMs: options.durationMs('every'),
    ...keepOptions(options),
    compress: options.text('compress') as FileOptions['compress'],
    level: options.count('level'),
    fsync: options.text('fsync') as FsyncPolicy | undefined,
    onError: options.text('on-error') as OnError | undefined,
    retryAfterMs: options.durationMs('retry'),
    giveUpAfterMs: options.durationMs('give-up'),
  };
  const order = orderOf(options);
  options.end();
  if (
    choice.encoding === undefined &&
    encodingByExtension(uncompressedName(spec.target)) === undefined
  ) {
    throw noEncoding(spec.target, `file:${spec.target}?encoding=ndjson`);
  }
  const given = Object.entries(settings).filter(([, value]) => value !== undefined);
  return order(file(spec.target, { ...choice, ...Object.fromEntries(given) }));
}

/** What `order=time` makes of a sink: one output of all lanes. */
function orderOf(options: SpecOptions): (sink: Sink) => Sink {
  const order = options.text('order');
  const bufferBytes = options.sizeBytes('orderBuffer');
  const idleMs = options.durationMs('orderIdle');
  if (order !== undefined && order !== 'time') throw unknownName('order', order, ['time']);
  if (order === undefined) {
    const given = bufferBytes === undefined ? idleMs : bufferBytes;
    if (given !== undefined)
      throw orderMissing(bufferBytes === undefined ? 'orderIdle' : 'orderBuffer');
    return (sink) => sink;
  }
  return (sink) =>
    ordered(sink, {
      ...(bufferBytes === undefined ? {} : { bufferBytes }),
      ...(idleMs === undefined ? {} : { idleMs }),
    });
}

function orderMissing(option: string): ConfigError {
  return new ConfigError(
    'ERR_SOCKFLOW_INVALID_OPTION',
    `'${option}' means something with order=time only`,
    { remedy: 'Add order=time, or leave it out', details: { option } },
  );
}

/** A bare number is of parts, one with a unit of bytes. */
function keepOptions(options: SpecOptions): Pick<FileOptions, 'keepParts' | 'keepBytes'> {
  const isCount = /^\d+$/.test(options.text('keep') ?? '');
  const keep = isCount ? options.count('keep') : options.sizeBytes('keep');
  if (keep === undefined) return {};
  return isCount ? { keepParts: keep } : { keepBytes: keep };
}

function consoleFrom(spec: SinkSpec, context: LoadSinkOptions): Sink {
  const options = new SpecOptions(spec);
  const choice = encodingOptions(options, context);
  const color = options.flag('color');
  const zone = zoneOf(options);
  const order = orderOf(options);
  options.end();
  return order(
    console({
      ...choice,
      ...(color === undefined ? {} : { color }),
      ...(zone === undefined ? {} : { zone }),
    }),
  );
}

function zoneOf(options: SpecOptions): WallZone | undefined {
  const text = options.text('time');
  const zone = WALL_ZONES.find((candidate) => candidate === text);
  if (text !== undefined && zone === undefined) throw unknownName('time', text, WALL_ZONES);
  return zone;
}

function memoryFrom(spec: SinkSpec): Sink {
  const options = new SpecOptions(spec);
  const maxItems = options.count('maxItems');
  options.end();
  return memory(maxItems === undefined ? {} : { maxItems });
}

function missingTarget(scheme: string, example: string): ConfigError {
  return new ConfigError('ERR_SOCKFLOW_INVALID_OPTION', `the sink '${scheme}:' names no target`, {
    remedy: `Write it as in ${example}`,
    details: { option: 'sink', scheme },
  });
}

/**
 * The sink that a text names: `file:out.ndjson?fields=op,tsNs`, `file:out.ndjson?rotate=64MiB&every=10min&keep=10&compress=gzip`, `out.sfrec`, `console:`, `memory:`, `module:./my-sink.mjs?key=value`, and any of them with `spool=DIR`.
 *
 * @throws ERR_SOCKFLOW_UNKNOWN_NAME, ERR_SOCKFLOW_INVALID_OPTION, ERR_SOCKFLOW_SINK_MODULE
 */
export async function loadSink(text: string, options: LoadSinkOptions = {}): Promise<Sink> {
  const spec = parseSinkSpec(text);
  const make = Object.hasOwn(SCHEMES, spec.scheme) ? SCHEMES[spec.scheme] : undefined;
  if (make === undefined) throw unknownName('kind of sink', spec.scheme, Object.keys(SCHEMES));
  const { inner, wrap } = splitSpool(spec);
  return wrap(await make(inner, options));
}
