import { Option } from 'commander';

import { parseShare } from './option-parsers.ts';
import { badValue, parseInteger, parseSize } from './quantities.ts';

const MAX_LANES = 64;
const MOST_ROUNDS = 1000;
const LONGEST_S = 24 * 3600;
const LEAST_BYTES = 2 ** 20;

/** What the options of `bench` are read as. */
export interface BenchValues {
  readonly lanes?: readonly number[];
  readonly rounds: number;
  readonly seconds: number;
  readonly size?: number;
  readonly sinks: 'discard' | 'real';
  readonly tolerance?: number;
  readonly allowInvalid?: boolean;
  readonly json?: string;
  readonly html?: string;
  readonly param?: Readonly<Record<string, string>>;
}

/** The options of `bench` that say how it measures, and where it says what it found. */
export function benchOptions(): Option[] {
  return [
    new Option(
      '--lanes <list>',
      'numbers of lanes to measure: 1,2,4; 1, 2, 4 … up to the cores where nothing says',
    ).argParser(parseLanes),
    new Option('--rounds <n>', 'counted rounds; one before them is not counted')
      .argParser((text) => parseInteger('--rounds', text, 1, MOST_ROUNDS))
      .default(11),
    new Option(
      '--seconds <n>',
      'about how long the passes of the rounds in one lane may take: of a recording that is too large for that its beginning is read. The whole takes two to four times as long: more lanes, threads that start, code that is compiled',
    )
      .argParser((text) => parseInteger('--seconds', text, 1, LONGEST_S))
      .default(60),
    new Option(
      '--size <bytes>',
      'without a recording: how large the made-up one is; 64MiB where nothing says',
    ).argParser(parseBytes),
    new Option(
      '--sinks <which>',
      "discard: events are counted and dropped where the pipeline's sinks would be, and nothing is written; real: its sinks are opened, and get the events of every pass",
    )
      .choices(['discard', 'real'])
      .default('discard'),
    new Option(
      '--tolerance <share>',
      'of compare: by which share a ratio may fall, 10% where not given, even where the intervals do not overlap',
    ).argParser((text) => parseShare('--tolerance', text)),
    new Option('--allow-invalid', 'of compare: also runs in which others used the machine'),
    new Option(
      '--json <file>',
      'write the document, for programs and for bench compare, or what compare found; - is stdout',
    ),
    new Option('--html <file>', 'write the report, a page that opens without a network'),
  ];
}

function parseLanes(text: string): readonly number[] {
  const lanes = text.split(',').map((part) => parseInteger('--lanes', part.trim(), 1, MAX_LANES));
  return [...new Set(lanes)].toSorted((a, b) => a - b);
}

function parseBytes(text: string): number {
  const bytes = parseSize('--size', text);
  if (bytes >= LEAST_BYTES) return bytes;
  throw badValue('--size', text, 'a size of 1MiB or more, such as 64MiB');
}
