import { OP_NAMES } from '@sockflow/core';

import type { FilterSet } from './filter-set.ts';

/** What of a recording tells whether a filter can match anything in it. */
export interface RecordingContents {
  readonly events: number;
  /** Events by op; entry n: op n, the last one: all ops from there on. A call, since it looks at every block. */
  readonly eventsByOp: () => readonly number[];
  readonly firstNs: bigint;
  readonly lastNs: bigint;
}

/** Why filters match nothing in this recording, or less than they seem to. What matches nothing anywhere, the run warns of itself. */
export function filterWarnings(filters: FilterSet, contents: RecordingContents): string[] {
  if (contents.events === 0) return [];
  return [...opWarning(filters.ops, contents), ...timeWarning(filters, contents)];
}

function opWarning(ops: readonly number[] | undefined, contents: RecordingContents): string[] {
  if (ops === undefined) return [];
  const eventsByOp = contents.eventsByOp();
  const lastOp = eventsByOp.length - 1;
  const missing = ops.filter((op) => eventsByOp[Math.min(op, lastOp)] === 0);
  if (missing.length === 0) return [];
  const names = missing.map((op) => OP_NAMES[op]).join(', ');
  if (missing.length < ops.length) return [`the recording has no ${names} events`];
  const there = eventsByOp.flatMap((count, op) => (count > 0 ? [OP_NAMES[op]] : []));
  return [`--op matches nothing: the recording has no ${names} events, only ${there.join(', ')}`];
}

function timeWarning({ time }: FilterSet, { firstNs, lastNs }: RecordingContents): string[] {
  if (time?.startNs !== undefined && time.startNs > lastNs) {
    return [`--from matches nothing: the last event is at ${lastNs} ns since boot, before it`];
  }
  if (time?.endNs !== undefined && time.endNs <= firstNs) {
    return [`--to matches nothing: the first event is at ${firstNs} ns since boot, not before it`];
  }
  return [];
}
