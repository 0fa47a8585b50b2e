import { Option } from 'commander';

import { badValue, parseDurationNs } from './quantities.ts';

const NS_PER_MS = 1_000_000;
const SHORTEST_MS = 100;
const LONGEST_MS = 24 * 60 * 60 * 1000;

/** `--status-every`: for logs, which have no progress line. */
export function statusOption(): Option {
  return new Option(
    '--status-every <time>',
    'say on stderr every so long how the run stands, in a line for logs: 1min',
  ).argParser((text) => {
    const everyMs = Number(parseDurationNs('--status-every', text)) / NS_PER_MS;
    if (everyMs >= SHORTEST_MS && everyMs <= LONGEST_MS) return everyMs;
    throw badValue('--status-every', text, 'a duration from 100ms to 24h, such as 1min');
  });
}
