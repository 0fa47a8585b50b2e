import { ConfigError } from '@sockflow/core';
import type { GenerateOptions, RttOptions } from '@sockflow/source-replay/generate';
import { Option } from 'commander';

import { parseShare } from './option-parsers.ts';
import { badValue, parseCount, parseDurationNs, parseInteger, parseSize } from './quantities.ts';

const MAX_LOSS_RATIO = 0.9;
const MAX_HOSTS = 256;
const NS_PER_US = 1000;
const NS_PER_MS = 1e6;

/** What the options of `gen` that say what to make are read as. */
export interface GenValues {
  readonly connections?: number;
  readonly size?: number;
  readonly duration?: number;
  readonly seed: string;
  readonly rate?: number;
  readonly eventRate?: number;
  readonly loss?: number;
  readonly rtt?: RttOptions;
  readonly rttP99?: number;
  readonly bytes?: number;
  readonly cgroups?: number | readonly number[];
  readonly origins?: number;
  readonly ipv6?: number;
  readonly refused?: number;
  readonly unanswered?: number;
  readonly halfOpen?: number;
}

/** The options of `gen` that say what to make. */
export function genOptions(): Option[] {
  return [
    new Option('--connections <n>', 'how many connections: 5000, 100k').argParser((text) =>
      parseCount('--connections', text),
    ),
    new Option('--size <bytes>', 'or how large, about: 64MiB, 1GiB').argParser((text) =>
      parseSize('--size', text),
    ),
    new Option(
      '--duration <time>',
      'time in which connections begin, by the clock of the recording: 60s, 1h; with --connections or --size it says how fast, else how many',
    ).argParser((text) => Number(parseDurationNs('--duration', text))),
    new Option('--rate <n>', 'connections that begin per second (default: 4000)').argParser(
      (text) => parseCount('--rate', text),
    ),
    new Option('--event-rate <n>', 'in its place: events per second, in the mean').argParser(
      (text) => parseCount('--event-rate', text),
    ),
    new Option('--seed <text>', 'what the connections are made from').default('1'),
    share('--loss <share>', 'segments that are lost: 0, 1%, up to 90%', MAX_LOSS_RATIO),
    new Option(
      '--rtt <time>',
      'round trip of all paths, or mean~deviation of a normal distribution: 20ms, 20ms~5ms',
    ).argParser(parseRtt),
    new Option(
      '--rtt-p99 <time>',
      'with --rtt: the 99th percentile of a distribution with a long tail (log-normal) whose median --rtt is',
    ).argParser((text) => Number(parseDurationNs('--rtt-p99', text)) / NS_PER_US),
    new Option(
      '--bytes <size>',
      'what each connection carries, both ways together: 64KiB',
    ).argParser((text) => parseSize('--bytes', text)),
    new Option(
      '--cgroups <n>',
      'cgroups, each with a network namespace of its own; or the weight of each: 3, or 5,3,1',
    ).argParser(parseCgroups),
    new Option(
      '--origins <n>',
      'hosts, each with its own boot, clock and cookies, which may be equal',
    ).argParser((text) => parseInteger('--origins', text, 1, MAX_HOSTS)),
    share('--ipv6 <share>', 'connections over IPv6: 0, 30%, 1'),
    share('--refused <share>', 'connections that are refused'),
    share('--unanswered <share>', 'connections whose SYNs nothing answers'),
    share('--half-open <share>', 'connections that stay half-open'),
  ];
}

/** The generator's options. */
export function generateOptionsOf(values: GenValues): GenerateOptions {
  const { connections, size, duration, rate, eventRate, loss, bytes, cgroups, origins } = values;
  const { ipv6, refused, unanswered, halfOpen } = values;
  checkAmount(values);
  checkShares(values);
  const rtt = rttOf(values);
  return {
    seed: values.seed,
    ...(connections === undefined ? {} : { connections }),
    ...(size === undefined ? {} : { sizeBytes: size }),
    ...(duration === undefined ? {} : { durationMs: duration / NS_PER_MS }),
    ...(rate === undefined ? {} : { arrivalsPerSec: rate }),
    ...(eventRate === undefined ? {} : { eventsPerSec: eventRate }),
    ...(loss === undefined ? {} : { lossRatio: loss }),
    ...(rtt === undefined ? {} : { rtt }),
    ...(bytes === undefined ? {} : { bytesPerConnection: bytes }),
    ...(cgroups === undefined ? {} : { cgroups }),
    ...(origins === undefined ? {} : { origins }),
    ...(ipv6 === undefined ? {} : { ipv6Ratio: ipv6 }),
    ...(refused === undefined ? {} : { refusedRatio: refused }),
    ...(unanswered === undefined ? {} : { unansweredRatio: unanswered }),
    ...(halfOpen === undefined ? {} : { halfOpenRatio: halfOpen }),
  };
}

function checkAmount({ connections, size, duration, rate, eventRate }: GenValues): void {
  if (connections !== undefined && size !== undefined) {
    throw refusal(
      '--connections, --size',
      '--connections and --size both say how much to make',
      'Give one of the two',
    );
  }
  const amount = connections ?? size;
  if (amount === undefined && duration === undefined) {
    throw refusal(
      'sockflow gen',
      'nothing says how much to make',
      'Give --connections 10k, --size 1GiB, or --duration 60s',
    );
  }
  if (rate !== undefined && eventRate !== undefined) {
    throw refusal(
      '--rate, --event-rate',
      '--rate and --event-rate both say how fast',
      'Give one of the two',
    );
  }
  const named = rate === undefined ? '--event-rate' : '--rate';
  if ((rate ?? eventRate) !== undefined && amount !== undefined && duration !== undefined) {
    throw refusal(
      `--duration, ${named}`,
      `an amount, --duration and ${named} say more than fits together`,
      'Give two of the three',
    );
  }
}

function checkShares({ refused = 0, unanswered = 0, halfOpen = 0 }: GenValues): void {
  const sum = refused + unanswered + halfOpen;
  if (sum <= 1) return;
  throw refusal(
    '--refused, --unanswered, --half-open',
    `shares of at most 1 together expected, got ${sum}`,
    'Give smaller shares',
  );
}

function rttOf({ rtt, rttP99 }: GenValues): RttOptions | undefined {
  if (rttP99 === undefined) return rtt;
  if (rtt === undefined || rtt.spreadUs !== undefined || rttP99 < rtt.medianUs) {
    throw refusal(
      '--rtt-p99',
      '--rtt-p99 needs --rtt, a median without deviation that is not above it',
      'Give --rtt 20ms --rtt-p99 80ms, or --rtt 20ms~5ms alone',
    );
  }
  return { ...rtt, p99Us: rttP99 };
}

function parseRtt(text: string): RttOptions {
  const [median = '', spread, more] = text.split('~');
  if (more !== undefined)
    throw badValue('--rtt', text, 'a time (20ms), or one and its deviation (20ms~5ms)');
  const medianUs = Number(parseDurationNs('--rtt', median)) / NS_PER_US;
  if (spread === undefined) return { medianUs };
  return { medianUs, spreadUs: Number(parseDurationNs('--rtt', spread)) / NS_PER_US };
}

function parseCgroups(text: string): number | readonly number[] {
  if (/^\d+$/.test(text)) return parseInteger('--cgroups', text, 1, MAX_HOSTS);
  if (/^\d+(\.\d+)?(,\d+(\.\d+)?)+$/.test(text)) {
    const weights = text.split(',').map(Number);
    if (weights.every((weight) => weight > 0)) return weights;
  }
  throw badValue('--cgroups', text, 'a number (3), or the weight of each (5,3,1)');
}

function share(flags: string, what: string, max = 1): Option {
  const name = flags.slice(0, flags.indexOf(' '));
  return new Option(flags, what).argParser((text) => parseShare(name, text, max));
}

function refusal(place: string, message: string, remedy: string): ConfigError {
  return new ConfigError('ERR_SOCKFLOW_INVALID_OPTION', message, { details: { place }, remedy });
}
