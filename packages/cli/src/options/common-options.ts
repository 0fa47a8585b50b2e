import { type FieldChoice, ndjson } from '@sockflow/sinks';
import type { ReplaySpeed } from '@sockflow/source-replay';
import { Argument, Option } from 'commander';

import { notePlace } from '../terminal/noted-place.ts';
import { badValue, parseInteger } from './quantities.ts';

const MAX_LANES = 64;
const MAX_SPEED = 1e6;
const MAX_LANE_GROUPS = 64;

/** `--lanes`: how many workers share the work. */
export function lanesOption(
  what = 'workers that share the work; a connection stays in one',
): Option {
  return new Option('--lanes <n>', what)
    .argParser((text) => parseInteger('--lanes', text, 1, MAX_LANES))
    .default(1);
}

/** `--speed`: the pace of a replay. */
export function speedOption(fallback: string): Option {
  return new Option(
    '--speed <factor>',
    `pace of the replay: 1 as the events came, 10, 0.5, max; ${fallback}`,
  ).argParser(parseSpeed);
}

function parseSpeed(text: string): ReplaySpeed {
  if (text.toLowerCase() === 'max') return 'max';
  const factor = /^\d*\.?\d+x?$/i.test(text) ? Number.parseFloat(text) : Number.NaN;
  if (factor > 0 && factor <= MAX_SPEED) return factor;
  throw badValue('--speed', text, 'a factor such as 1, 10 or 0.5, or max');
}

/** `--lane-groups`: how a recording is laid out. */
export function laneGroupsOption(): Option {
  return new Option(
    '--lane-groups <n>',
    'group connections so that up to n lanes share the reading: 1, 2, 4 … 64',
  ).argParser((text) => parseInteger('--lane-groups', text, 1, MAX_LANE_GROUPS));
}

/** Recordings to read, one or more: of several hosts they are merged by time. */
export function recordingsArgument(): Argument {
  return new Argument(
    '<recordings...>',
    'the recordings, one or more: REC.sfrec; - is standard input',
  );
}

/** `-c`: a file that says what to run. */
export function configOption(): Option {
  return new Option('-c, --config <file>', 'a config file: YAML or JSON');
}

/** `--json`: the summary for programs. */
export function jsonOption(what = 'summary'): Option {
  return new Option('--json', `print the ${what} as JSON on stdout, and nothing else there`);
}

/** `--tolerate-damage`: a damaged recording is no failure. */
export function tolerateDamageOption(): Option {
  return new Option(
    '--tolerate-damage',
    'exit with 0 though a recording is damaged; what was lost is named all the same',
  );
}

/** `--fields`: which fields of events are written, and under which names. */
export function fieldsOption(
  what = 'only these fields of events, in this order, for ndjson, csv and msgpack: tsNs,op,remotePort; "op as operator" gives another name',
): Option {
  return new Option('--fields <list>', what).argParser(parseFields);
}

function parseFields(text: string): readonly FieldChoice[] {
  const fields = text.split(',').map((field) => field.trim()) as FieldChoice[];
  try {
    // Which fields there are, an encoding knows.
    ndjson({ fields });
  } catch (error) {
    throw notePlace(error, '--fields');
  }
  return fields;
}
