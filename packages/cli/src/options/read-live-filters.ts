import { readFileSync } from 'node:fs';

import { Kind } from '@sockflow/core';

import type { OptionValues } from '../command.ts';
import type { FilterSet } from './filter-set.ts';
import { readFilters } from './read-filters.ts';
import type { TimeBase } from './time-point.ts';

const NS_PER_MS = 1_000_000n;

/**
 * The filters that the options ask of a live source. `--op all` filters nothing, and beside `--rtt folded` a list of ops leaves the summaries in: the source reports no
 * other op anyway.
 */
export function readLiveFilters(options: OptionValues): FilterSet {
  const { op, ...others } = options;
  if (op === undefined || op === 'all') return readFilters(others, liveTimeBase);
  if (options['rtt'] !== 'folded') return readFilters(options, liveTimeBase);
  const filters = readFilters(others, liveTimeBase);
  return { ...filters, kinds: filters.kinds ?? [Kind.OP, Kind.RTT_SUMMARY] };
}

/** `--from 10s` counts from now. */
function liveTimeBase(): TimeBase {
  const bootNs = bootTimeNs();
  const realtimeNs = BigInt(Date.now()) * NS_PER_MS;
  return { firstNs: bootNs, clock: { bootNs, realtimeNs }, originCount: 1 };
}

/** Since boot, sleep included, to 10 ms: the clock that events are stamped by. */
function bootTimeNs(): bigint {
  const [seconds = '0'] = readFileSync('/proc/uptime', 'utf8').split(' ');
  return BigInt(Math.round(Number(seconds) * 1000)) * NS_PER_MS;
}
