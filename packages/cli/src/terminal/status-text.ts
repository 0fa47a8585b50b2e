import { type LedgerSnapshot, SINK_COUNTERS, type SinkCounts } from '@sockflow/core';

import { missedBy } from './source-ledger-text.ts';

/** What the process took so far. */
export interface ProcessUsage {
  readonly residentBytes: number;
  /** Of all its threads, in user and kernel mode. */
  readonly cpuUs: number;
}

/** How a run stands at one moment. */
export interface StatusState {
  readonly elapsedMs: number;
  readonly ledger: LedgerSnapshot;
  readonly usage: ProcessUsage;
}

const MIB = 2 ** 20;

/**
 * How a run stands in one line, for logs: words with `=` between key and value, the same keys in the same order each time. Rates are of the time since `before`, the rest
 * is counted from the start.
 */
export function statusText(now: StatusState, before: StatusState): string {
  const spanMs = Math.max(now.elapsedMs - before.elapsedMs, 1);
  const { lost, shed } = missedBy(now.ledger);
  const eventsPerSec = ((eventsOf(now) - eventsOf(before)) * 1000) / spanMs;
  const cpuPercent = (now.usage.cpuUs - before.usage.cpuUs) / 10 / spanMs;
  return [
    'status',
    `up_s=${Math.round(now.elapsedMs / 1000)}`,
    `events=${eventsOf(now)}`,
    `events_per_s=${Math.round(eventsPerSec)}`,
    `lost=${lost}`,
    `shed=${shed}`,
    `rss_mib=${(now.usage.residentBytes / MIB).toFixed(1)}`,
    `cpu_percent=${cpuPercent.toFixed(1)}`,
    ...now.ledger.total.outputs.flatMap(({ output, sinks }) =>
      sinks.map((sink) => sinkText(output, sink)),
    ),
  ].join(' ');
}

function eventsOf({ ledger }: StatusState): number {
  return ledger.total.read + ledger.total.skipped;
}

/** What the sink has, and what it has not told of yet: that grows where its destination does not keep up. */
function sinkText(output: string, sink: SinkCounts): string {
  const { given, acknowledged, failed } = sink;
  return [
    `output=${quoted(output)}`,
    `sink=${quoted(sink.sink)}`,
    ...SINK_COUNTERS.map((counter) => `${counter}=${sink[counter]}`),
    `pending=${given - acknowledged - failed}`,
  ].join(' ');
}

/** Names with a space in them stand in quotes. */
function quoted(name: string): string {
  return /[\s"=]/.test(name) ? JSON.stringify(name) : name;
}
