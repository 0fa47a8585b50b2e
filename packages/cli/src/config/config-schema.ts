import type { Option } from 'commander';
import * as v from 'valibot';

import { filterOptions } from '../options/filter-options.ts';
import { liveOptions } from '../options/live-options.ts';
import { KAFKA_SOURCE_SCHEMA } from './kafka-source-schema.ts';

/*
 * What a config file may say: one schema, for checking and for editors (config.schema.json) and the reference page. Where a key is an option of a command, its
 * text and the meaning of its values are the option's: they are read by the option's own parser (read-config.ts).
 */

/** A value as the option takes it on the command line; numbers and true/false need no quotes. */
const scalar = v.union([v.string(), v.number(), v.boolean()]);
const list = v.union([scalar, v.array(scalar)]);
const texts = v.union([v.string(), v.array(v.string())]);

/** How much the command tells: nothing but warnings and errors, the summary, or more. */
export const LOG_LEVELS = ['quiet', 'normal', 'verbose'] as const;
/** One of them. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** The name of an option as a key: `--ring-size` is `ring-size`. */
export function keyOf(option: Option): string {
  return (option.long ?? '').replace(/^--/, '');
}

function describedAs(schema: v.GenericSchema, text: string): v.GenericSchema {
  return v.pipe(schema, v.description(text));
}

function entriesOf(options: readonly Option[]): Record<string, v.GenericSchema> {
  return Object.fromEntries(
    options.map((option) => [keyOf(option), v.optional(describedAs(list, optionText(option)))]),
  );
}

function optionText({ description, argChoices }: Option): string {
  return argChoices === undefined ? description : `${description} (${argChoices.join(', ')})`;
}

const replaySource = v.strictObject({
  paths: describedAs(texts, 'the recording, or several, which are merged by time'),
  speed: v.optional(
    describedAs(
      scalar,
      'how fast: 1 is the pace at which the events came, 10 ten times that, max (where not given) as fast as it goes',
    ),
  ),
});

const source = v.strictObject({
  replay: v.optional(describedAs(replaySource, 'recordings')),
  bpf: v.optional(
    describedAs(
      v.nullable(v.strictObject(entriesOf(liveOptions()))),
      'the kernel, as record and watch take it; nothing below it: all sockets',
    ),
  ),
  kafka: v.optional(
    describedAs(KAFKA_SOURCE_SCHEMA, 'what a Kafka topic holds, as members of a consumer group'),
  ),
});

/** A config file. */
export const CONFIG_SCHEMA: v.GenericSchema = v.strictObject({
  $schema: v.optional(describedAs(v.string(), 'where the schema of this file lies, for editors')),
  pipeline: v.optional(
    describedAs(
      v.string(),
      'a pipeline module (.ts, .js); or source, filters and sinks in its place',
    ),
  ),
  params: v.optional(
    describedAs(v.record(v.string(), v.unknown()), 'what the module’s function is called with'),
  ),
  source: v.optional(describedAs(source, 'where events come from: replay, bpf or kafka')),
  filters: v.optional(
    describedAs(v.strictObject(entriesOf(filterOptions())), 'an event must pass all of them'),
  ),
  sinks: v.optional(
    describedAs(
      v.array(v.string()),
      'where events go, as --sink has it: file:out.ndjson, console:, module:./my-sink.mjs?key=value',
    ),
  ),
  fields: v.optional(
    describedAs(texts, 'only these fields of events, in this order, for ndjson, csv and msgpack'),
  ),
  lanes: v.optional(
    describedAs(
      scalar,
      'workers that share the work; a connection stays in one; 1 where not given',
    ),
  ),
  duration: v.optional(describedAs(scalar, 'end after so long, as Ctrl-C does: 10s')),
  'drain-timeout': v.optional(
    describedAs(
      scalar,
      'how long it may take to its end once it was asked to end, or none; then what sinks have not accepted is given up, and it fails; 30s where not given',
    ),
  ),
  'status-every': v.optional(
    describedAs(
      scalar,
      'say every so long how the run stands, in a line for logs, whatever log-level is: 1min',
    ),
  ),
  'log-level': v.optional(
    describedAs(
      v.picklist(LOG_LEVELS),
      'quiet: warnings and errors only; normal; verbose: causes of errors, and more of a live run',
    ),
  ),
  'tolerate-damage': v.optional(
    describedAs(scalar, 'exit with 0 though a recording is damaged: true or false'),
  ),
});
