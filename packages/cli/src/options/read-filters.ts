import type { ConnectionEnd, FlagTest } from '@sockflow/core';

import type { OptionValues } from '../command.ts';
import { checkFilters } from './check-filters.ts';
import type { ConnectionTest, FilterSet, NetworkTest, PortTest, TimeTest } from './filter-set.ts';
import { resolveTimePoint, type TimeBase, type TimePoint } from './time-point.ts';

const ENDS: readonly (readonly [prefix: string, end: ConnectionEnd])[] = [
  ['', 'either'],
  ['local', 'local'],
  ['remote', 'remote'],
];

/**
 * The filters that the options ask for, checked for contradictions.
 *
 * @param timeBase - asked only where a time must be placed in the recording.
 */
export function readFilters(options: OptionValues, timeBase: () => TimeBase): FilterSet {
  const time = readTime(options, timeBase);
  const filters: FilterSet = {
    ...optional('kinds', options['kind'] as readonly number[] | undefined),
    ...optional('ops', options['op'] as readonly number[] | undefined),
    ...optional('cbFlags', readFlags(options, 'cbFlags')),
    ...optional('tcpFlags', readFlags(options, 'tcpFlags')),
    ...optional('ecnFlags', readFlags(options, 'ecnFlags')),
    ...optional('states', options['state'] as readonly number[] | undefined),
    ports: readEnds<number>(options, 'port').map(([end, ports]): PortTest => ({ end, ports })),
    networks: readEnds<string>(options, 'cidr').map(([end, networks]): NetworkTest => ({
      end,
      networks,
    })),
    ...optional('connection', options['connection'] as ConnectionTest | undefined),
    ...optional('time', time),
    ...optional('sampleRatio', options['sample'] as number | undefined),
  };
  checkFilters(filters);
  return filters;
}

function optional<K extends string, T>(key: K, value: T | undefined): { [key in K]?: T } {
  return (value === undefined ? {} : { [key]: value }) as { [key in K]?: T };
}

function readFlags(options: OptionValues, name: string): FlagTest | undefined {
  const test = {
    any: bits(options[name]),
    all: bits(options[`${name}All`]),
    none: bits(options[`${name}None`]),
  };
  return (test.any | test.all | test.none) === 0 ? undefined : test;
}

function bits(values: unknown): number {
  return ((values ?? []) as readonly number[]).reduce((sum, bit) => sum | bit, 0);
}

function readEnds<T>(options: OptionValues, name: string): [ConnectionEnd, readonly T[]][] {
  return ENDS.flatMap(([prefix, end]): [ConnectionEnd, readonly T[]][] => {
    const key = prefix === '' ? name : `${prefix}${name[0]?.toUpperCase()}${name.slice(1)}`;
    const values = options[key] as readonly T[] | undefined;
    return values === undefined ? [] : [[end, [...new Set(values)]]];
  });
}

function readTime(options: OptionValues, timeBase: () => TimeBase): TimeTest | undefined {
  const from = options['from'] as TimePoint | undefined;
  const to = options['to'] as TimePoint | undefined;
  if (from === undefined && to === undefined) return undefined;
  const base = timeBase();
  return {
    ...(from === undefined ? {} : { startNs: resolveTimePoint('--from', from, base) }),
    ...(to === undefined ? {} : { endNs: resolveTimePoint('--to', to, base) }),
  };
}
