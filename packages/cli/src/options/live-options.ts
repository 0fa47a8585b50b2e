import { isSockflowError } from '@sockflow/core';
import { type BpfOptions, bpf } from '@sockflow/source-bpf';
import { Option } from 'commander';

import type { OptionValues } from '../command.ts';
import { notePlace } from '../terminal/noted-place.ts';
import { filterOptions } from './filter-options.ts';
import { CB_FLAG_TABLE, OP_TABLE } from './name-table.ts';
import { namesParser } from './option-parsers.ts';
import { badValue, parseDurationNs, parseSize } from './quantities.ts';

/* What every command with the kernel as its source has: record, watch. */

const GROUP = 'The kernel as the source:';
const NS_PER_MS = 1_000_000;
const LONGEST_DURATION_MS = 24 * 24 * 60 * 60 * 1000;
const RTT_MODES = ['folded', 'raw', 'off'] as const;
const EXISTING = ['auto', 'own-netns', 'all-netns', 'off'] as const;
/** Options of the source by the flag that sets them: an error names the flag. */
const FLAG_OF: Readonly<Partial<Record<keyof BpfOptions, string>>> = {
  cgroup: '--cgroup',
  ops: '--op',
  cbFlags: '--request-cb-flags',
  rtt: '--rtt',
  existing: '--existing',
  ringBytes: '--ring-size',
  btfPath: '--btf',
};

/** What there is to do where events were lost. */
export const LOSS_REMEDY =
  'take more lanes (--lanes), bigger rings (--ring-size) or fewer ops (--op)';

/** `--op` as it is given for a live source: it asks, and it filters. */
export type AskedOps = readonly number[] | 'all';

interface LiveValues {
  readonly cgroup?: string;
  readonly op?: AskedOps;
  readonly requestCbFlags?: readonly number[];
  readonly rtt?: (typeof RTT_MODES)[number];
  readonly ringSize?: number;
  readonly existing?: (typeof EXISTING)[number];
  readonly btf?: string;
}

/** The options of the source, in the order of the help. */
export function liveOptions(): Option[] {
  const parseFlags = namesParser(CB_FLAG_TABLE, '--request-cb-flags');
  const options = [
    new Option(
      '--cgroup <path>',
      'whose sockets: a folder of cgroup2, with all below it; auto (the default) is its root',
    ),
    new Option('--request-cb-flags <names>', 'callback flags to request besides').argParser(
      parseFlags,
    ),
    new Option(
      '--rtt <mode>',
      'RTT samples: in a summary per connection and second, each by itself, or none; folded, or raw where RTT_CB is asked for',
    ).choices(RTT_MODES),
    new Option(
      '--existing <which>',
      'connections that are there already: auto takes in what it can',
    ).choices(EXISTING),
    new Option(
      '--ring-size <size>',
      'memory of each lane between kernel and worker: 16MiB',
    ).argParser((text) => parseSize('--ring-size', text)),
    new Option('--btf <path>', 'BTF of the kernel, where /sys/kernel/btf has none'),
  ];
  return options.map((option) => option.helpGroup(GROUP));
}

/** The filter options, where `--op` asks the kernel too and can be `all`. */
export function liveFilterOptions(): Option[] {
  const parseOps = namesParser(OP_TABLE, '--op');
  const parse = (text: string, previous: AskedOps | undefined): AskedOps => {
    if (text.trim().toLowerCase() === 'all' || previous === 'all') return 'all';
    return parseOps(text, previous);
  };
  return filterOptions().map((option) => {
    if (option.attributeName() === 'from') {
      option.description = 'not before: 10s from now, ns since boot, or a date';
    }
    if (option.attributeName() !== 'op') return option;
    option.description = 'ops to ask for, and nothing but these: RTT_CB, STATE_CB …; or all';
    return option.argParser(parse);
  });
}

/** `--duration`: a run that ends by itself. */
export function durationOption(): Option {
  return new Option('--duration <time>', 'end after so long, as Ctrl-C does: 10s').argParser(
    (text) => {
      const durationMs = Number(parseDurationNs('--duration', text)) / NS_PER_MS;
      if (durationMs > 0 && durationMs <= LONGEST_DURATION_MS) return durationMs;
      throw badValue('--duration', text, 'a duration above 0 and at most 24d, such as 10s or 5min');
    },
  );
}

/**
 * The source's options. Where ops are named, RTT samples are folded only if asked for: a filter for ops lets no summary through.
 *
 * @throws ERR_SOCKFLOW_INVALID_OPTION that names the flag
 */
export function readLiveSource(values: OptionValues): BpfOptions {
  const { cgroup, op, requestCbFlags, rtt, ringSize, existing, btf } = values as LiveValues;
  const wantsSamples = op === undefined || op === 'all' || rtt !== undefined;
  const options: BpfOptions = {
    ...(cgroup === undefined ? {} : { cgroup }),
    ...(op === undefined ? {} : { ops: op }),
    ...(requestCbFlags === undefined
      ? {}
      : { cbFlags: requestCbFlags.reduce((bits, flag) => bits | flag, 0) }),
    ...(rtt === undefined ? {} : { rtt }),
    ...(wantsSamples || op.includes(OP_TABLE.values['RTT_CB'] ?? 0) ? {} : { rtt: 'off' as const }),
    ...(ringSize === undefined ? {} : { ringBytes: ringSize }),
    ...(existing === undefined ? {} : { existing }),
    ...(btf === undefined ? {} : { btfPath: btf }),
  };
  checkSource(options);
  return options;
}

/** Makes the source once, which opens nothing: what is wrong with an option is told by its flag. */
function checkSource(options: BpfOptions): void {
  try {
    bpf(options);
  } catch (error) {
    const option = isSockflowError(error) && 'option' in error.details && error.details.option;
    const flag =
      typeof option === 'string'
        ? FLAG_OF[option.replace(/^each of /, '') as keyof BpfOptions]
        : undefined;
    throw flag === undefined ? error : notePlace(error, flag);
  }
}
