import { ROLE_NAMES } from '@sockflow/core';

import type { ConnectionRecord } from './connection-table.ts';
import { errnoName } from './errno-name.ts';
import type { EventStatistics, OriginStatistics } from './event-statistics.ts';
import {
  cbFlagName,
  countConnections,
  ecnFlagName,
  failedConnections,
  kindName,
  type NamedCount,
  namedCounts,
  opName,
  stateName,
  tcpFlagName,
  topConnections,
  totalLost,
  wallNsOf,
} from './inspection.ts';
import type { RecordingFacts } from './recording-facts.ts';

const TOP_CONNECTIONS = 10;
const MAX_FAILURES = 1000;

/** The inspection for programs: keys carry units, 64-bit values are decimal strings. */
export function inspectionJson(facts: RecordingFacts, statistics: EventStatistics): object {
  const { rtt, losses, connections } = statistics;
  const { all } = connections;
  return {
    recording: facts,
    events: statistics.events,
    origins: statistics.origins.map(originJson),
    kinds: byName(namedCounts(statistics.kinds, kindName)),
    ops: byName(namedCounts(statistics.ops, opName)),
    tcpFlags: byName(namedCounts(statistics.tcpFlags, tcpFlagName)),
    cbFlags: byName(namedCounts(statistics.cbFlags, cbFlagName)),
    ecnFlags: byName(namedCounts(statistics.ecnFlags, ecnFlagName)),
    states: byName(namedCounts(statistics.states, stateName)),
    families: { AF_INET: statistics.ip4, AF_INET6: statistics.ip6 },
    withTcpHeader: statistics.withHeader,
    cpus: [...statistics.cpus].toSorted((a, b) => a - b),
    connections: countConnections(all),
    mostEvents: topConnections(all, ({ events }) => events, TOP_CONNECTIONS).map(connectionJson),
    mostRetransmits: topConnections(all, ({ retransmitted }) => retransmitted, TOP_CONNECTIONS).map(
      connectionJson,
    ),
    failures: failedConnections(all).slice(0, MAX_FAILURES).map(failureJson),
    rttUs: {
      samples: rtt.count,
      folded: rtt.folded,
      summaries: statistics.rttSummaries,
      isExact: rtt.isExact,
      low: rtt.lowUs,
      p50: rtt.quantileUs(0.5),
      p90: rtt.quantileUs(0.9),
      p99: rtt.quantileUs(0.99),
      high: rtt.highUs,
      histogram: rtt.ranges(),
    },
    lost: { events: totalLost(losses), isLowerBound: facts.isLossLowerBound, ...losses },
    clockAnchors: statistics.clockAnchors,
  };
}

function byName(counts: readonly NamedCount[]): Record<string, number> {
  return Object.fromEntries(counts.map(({ name, events }) => [name, events]));
}

function originJson(statistics: OriginStatistics): object {
  const { origin, events, firstUs, lastUs } = statistics;
  if (events === 0) return { ...origin, events };
  return {
    ...origin,
    events,
    firstUs,
    lastUs,
    firstWallNs: wallNsOf(statistics, firstUs),
    lastWallNs: wallNsOf(statistics, lastUs),
  };
}

/** Which connection failed, how and when; the error is a name where there was one. */
function failureJson(connection: ConnectionRecord): object {
  const { error } = connection;
  return {
    ...connectionJson(connection),
    errorName: error === 0 ? undefined : errnoName(error),
  };
}

function connectionJson(connection: ConnectionRecord): object {
  return { ...connection, role: connection.role === 0 ? undefined : ROLE_NAMES[connection.role] };
}
