import type { Origin } from '@sockflow/core';

import { KIND_COUNTS, OP_COUNTS } from '../format/layout.ts';
import { originText } from '../format/origin-text.ts';
import type { BlockTable } from './block-table.ts';
import type { Recording } from './open-recording.ts';

/** What a recording holds of one origin. */
export interface OriginStatistics {
  readonly origin: Origin;
  readonly blocks: number;
  readonly events: number;
  readonly markers: number;
  /** Smallest and greatest time of its slots, ns since boot. */
  readonly firstTimeNs: bigint;
  readonly lastTimeNs: bigint;
}

/** What a recording holds, by the statistics of its blocks: no block is read for it. */
export interface RecordingStatistics {
  /** Events by op, 0 to 30; the last entry counts those of all ops from 31 on. */
  readonly eventsByOp: readonly number[];
  /** Slots by kind, 1 to 7; entry 0 counts those of kinds above 7. */
  readonly slotsByKind: readonly number[];
  /** Origins that have blocks, in the order in which they appear. */
  readonly origins: readonly OriginStatistics[];
}

/** Sums the statistics of a recording's blocks. */
export function recordingStatistics(recording: Recording): RecordingStatistics {
  const eventsByOp = Array.from({ length: OP_COUNTS }, () => 0);
  const slotsByKind = Array.from({ length: KIND_COUNTS }, () => 0);
  const origins = new Map<string, OriginStatistics>();
  for (const { blocks, origins: numbered } of recording.parts) {
    for (let row = 0; row < blocks.count; row++) {
      addCounts(eventsByOp, (op) => blocks.opEvents(row, op));
      addCounts(slotsByKind, (kind) => blocks.kindSlots(row, kind));
      const origin = numbered.get(blocks.originNumber(row));
      if (origin === undefined) continue;
      const key = originText(origin);
      origins.set(key, withBlock(origins.get(key), origin, blocks, row));
    }
  }
  return { eventsByOp, slotsByKind, origins: [...origins.values()] };
}

function addCounts(sums: number[], countOf: (index: number) => number): void {
  for (let index = 0; index < sums.length; index++) {
    sums[index] = (sums[index] ?? 0) + countOf(index);
  }
}

function withBlock(
  before: OriginStatistics | undefined,
  origin: Origin,
  blocks: BlockTable,
  row: number,
): OriginStatistics {
  const firstTimeNs = blocks.firstTimeNs(row);
  const lastTimeNs = blocks.lastTimeNs(row);
  if (before === undefined) {
    const events = blocks.events(row);
    return { origin, blocks: 1, events, markers: blocks.markers(row), firstTimeNs, lastTimeNs };
  }
  return {
    origin,
    blocks: before.blocks + 1,
    events: before.events + blocks.events(row),
    markers: before.markers + blocks.markers(row),
    firstTimeNs: firstTimeNs < before.firstTimeNs ? firstTimeNs : before.firstTimeNs,
    lastTimeNs: lastTimeNs > before.lastTimeNs ? lastTimeNs : before.lastTimeNs,
  };
}
