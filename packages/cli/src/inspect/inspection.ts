import {
  CB_FLAG_TEXTS,
  ECN_FLAG_TEXTS,
  KIND_NAMES,
  OP_NAMES,
  ROLE_NAMES,
  TCP_STATE_NAMES,
  tcpFlagText,
} from '@sockflow/core';

import type { ConnectionRecord } from './connection-table.ts';
import type { EventStatistics, LossCounts, OriginStatistics } from './event-statistics.ts';

/** A name and how many events have it. */
export interface NamedCount {
  readonly name: string;
  readonly events: number;
}

/** How many connections there are, and how they went. */
export interface ConnectionCounts {
  readonly total: number;
  readonly listeners: number;
  readonly client: number;
  readonly server: number;
  readonly unknownRole: number;
  readonly established: number;
  readonly closed: number;
  readonly withRetransmits: number;
  readonly withTimeouts: number;
  /** Connections whose socket had an error, by errno. */
  readonly errors: readonly { readonly errno: number; readonly connections: number }[];
}

const ERRNO_BY_COUNT = (
  a: { readonly connections: number },
  b: { readonly connections: number },
): number => b.connections - a.connections;

/** The entries that are there, the most frequent first; `nameOf` names an index. */
export function namedCounts(
  counts: Float64Array,
  nameOf: (index: number) => string,
): readonly NamedCount[] {
  const entries: NamedCount[] = [];
  for (const [index, events] of counts.entries()) {
    if (events > 0) entries.push({ name: nameOf(index), events });
  }
  return entries.toSorted((a, b) => b.events - a.events);
}

/** The name of an op by its number. */
export const opName = (index: number): string => OP_NAMES[index] ?? '';
/** The name of a kind by its number. */
export const kindName = (index: number): string => KIND_NAMES[index] ?? '';
/** The name of a TCP state by its number. */
export const stateName = (index: number): string => TCP_STATE_NAMES[index] ?? '';
/** The name of a callback flag by its bit. */
export const cbFlagName = (bit: number): string => CB_FLAG_TEXTS[1 << bit] ?? '';
/** The name of an ECN flag by its bit. */
export const ecnFlagName = (bit: number): string => ECN_FLAG_TEXTS[1 << bit] ?? '';
/** The name of a TCP flag by its bit. */
export const tcpFlagName = (bit: number): string => tcpFlagText(1 << bit);

/** Sums up the connections. */
export function countConnections(all: readonly ConnectionRecord[]): ConnectionCounts {
  const connections = all.filter((connection) => !connection.isListener);
  const errors = new Map<number, number>();
  for (const { error } of connections) {
    if (error !== 0) errors.set(error, (errors.get(error) ?? 0) + 1);
  }
  const having = (test: (connection: ConnectionRecord) => boolean): number =>
    connections.filter(test).length;
  return {
    total: connections.length,
    listeners: all.length - connections.length,
    client: having(({ role }) => ROLE_NAMES[role] === 'CLIENT'),
    server: having(({ role }) => ROLE_NAMES[role] === 'SERVER'),
    unknownRole: having(({ role }) => role === 0),
    established: having(({ isEstablished }) => isEstablished),
    closed: having(({ isClosed }) => isClosed),
    withRetransmits: having(({ retransmitted }) => retransmitted > 0),
    withTimeouts: having(({ timeouts }) => timeouts > 0),
    errors: [...errors]
      .map(([errno, count]) => ({ errno, connections: count }))
      .toSorted(ERRNO_BY_COUNT),
  };
}

/** The connections that have the most of something, at least one of it. */
export function topConnections(
  all: readonly ConnectionRecord[],
  amountOf: (connection: ConnectionRecord) => number,
  count: number,
): readonly ConnectionRecord[] {
  return all
    .filter((connection) => amountOf(connection) > 0)
    .toSorted((a, b) => amountOf(b) - amountOf(a) || a.firstUs - b.firstUs)
    .slice(0, count);
}

/** The connections whose socket had an error or that timed out: errors before timeouts, each in the order of time. */
export function failedConnections(all: readonly ConnectionRecord[]): readonly ConnectionRecord[] {
  return all
    .filter(({ failedUs }) => failedUs !== undefined)
    .toSorted(
      (a, b) =>
        Number(b.error !== 0) - Number(a.error !== 0) || (a.failedUs ?? 0) - (b.failedUs ?? 0),
    );
}

/** Events that recordings say were lost, in all. */
export function totalLost(losses: LossCounts): number {
  return losses.ringFull + losses.shedFirst + losses.shedLast + losses.damaged;
}

/** ns since 1970 of a time of an origin; `undefined` without its clock. */
export function wallNsOf({ origin }: OriginStatistics, tsUs: number): bigint | undefined {
  if (origin.clock === undefined) return undefined;
  return BigInt(Math.round(tsUs * 1000)) - origin.clock.bootNs + origin.clock.realtimeNs;
}

/** Events per second over the time of all origins together. */
export function eventsPerSec(statistics: EventStatistics): number | undefined {
  let spanUs = 0;
  for (const { events, firstUs, lastUs } of statistics.origins) {
    if (events > 0) spanUs += lastUs - firstUs;
  }
  return spanUs === 0 ? undefined : (statistics.events / spanUs) * 1e6;
}
