import { Option } from 'commander';

import { badValue, parseDurationNs } from './quantities.ts';

/** How long a command may take to its end once it was asked to end, where nothing says. */
export const DRAIN_TIMEOUT_MS: DrainTimeout = 30_000;

const NS_PER_MS = 1_000_000;
const LONGEST_MS = 24 * 60 * 60 * 1000;

/** What {@link drainOption} gives: ms, or that there is no limit. */
export type DrainTimeout = number | 'none';

/** `--drain-timeout`: for a sink that does not come to its end. */
export function drainOption(): Option {
  return new Option(
    '--drain-timeout <time>',
    'how long it may take to its end after SIGINT, SIGTERM or --duration, or none for as long as sinks need; then it gives up what they have not accepted, and fails; 30s where nothing says',
  ).argParser(parseDrainTimeout);
}

function parseDrainTimeout(text: string): DrainTimeout {
  if (text.toLowerCase() === 'none') return 'none';
  const timeoutMs = Number(parseDurationNs('--drain-timeout', text)) / NS_PER_MS;
  if (timeoutMs >= 1 && timeoutMs <= LONGEST_MS) return timeoutMs;
  throw badValue('--drain-timeout', text, 'a duration from 1ms to 24h, such as 30s, or none');
}
