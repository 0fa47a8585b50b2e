import { laneKey, LANE_BUCKETS, type Plan, type PlanFilter } from '@sockflow/core';

import { KIND_COUNTS, OP_COUNTS } from '../format/layout.ts';
import type { BlockTable } from '../reader/block-table.ts';

/** Whether a block may be left out: every plan drops all its events, and no marker is in it. */
export function plansExcludeBlock(
  plans: readonly Plan[],
  blocks: BlockTable,
  row: number,
  originId: string,
): boolean {
  if (plans.length === 0 || blocks.markers(row) > 0) return false;
  for (let index = 0; index < plans.length; index++) {
    const plan = plans[index];
    if (plan !== undefined && !planExcludesBlock(plan, blocks, row, originId)) return false;
  }
  return true;
}

/** Whether a plan drops every event of a block, by its statistics alone. */
function planExcludesBlock(plan: Plan, blocks: BlockTable, row: number, originId: string): boolean {
  // By index, here and above: once a block is too seldom for V8 to spare the iterator.
  for (let index = 0; index < plan.length; index++) {
    const filter = plan[index];
    if (filter !== undefined && filterExcludesBlock(filter, blocks, row, originId)) return true;
  }
  return false;
}

/** How a filter is carried out by block statistics, in words; `undefined` where they say nothing about it. */
export function describeExclusion(filter: PlanFilter): string | undefined {
  switch (filter.type) {
    case 'op':
      return 'blocks without these ops are not read';
    case 'kind':
      return 'blocks without these kinds are not read';
    case 'port':
      return 'blocks without these ports are not read';
    case 'time':
      return 'blocks outside this time are not read';
    case 'connection':
      return 'blocks without the lane bucket of this connection, or of other origins, are not read';
    case 'flags':
    case 'state':
    case 'address':
    case 'sample':
    case 'where':
      return undefined;
  }
}

function filterExcludesBlock(
  filter: PlanFilter,
  blocks: BlockTable,
  row: number,
  originId: string,
): boolean {
  switch (filter.type) {
    case 'op':
      return !filter.ops.some((op) => blocks.opEvents(row, Math.min(op, OP_COUNTS - 1)) > 0);
    case 'kind':
      return !filter.kinds.some((kind) => blocks.kindSlots(row, kind < KIND_COUNTS ? kind : 0) > 0);
    case 'port':
      return !filter.ports.some((port) => mayHoldPort(filter.end, blocks, row, port));
    case 'time':
      return (
        (filter.startNs !== undefined && blocks.lastTimeNs(row) < filter.startNs) ||
        (filter.endNs !== undefined && blocks.firstTimeNs(row) >= filter.endNs)
      );
    case 'connection':
      return (
        (filter.originId !== undefined && filter.originId !== originId) ||
        !blocks.mayHoldBucket(row, bucketOf(filter.cookie))
      );
    case 'flags':
    case 'state':
    case 'address':
    case 'sample':
    case 'where':
      return false;
  }
}

function mayHoldPort(
  end: 'either' | 'local' | 'remote',
  blocks: BlockTable,
  row: number,
  port: number,
): boolean {
  return (
    (end !== 'remote' && blocks.mayHoldLocalPort(row, port)) ||
    (end !== 'local' && blocks.mayHoldRemotePort(row, port))
  );
}

function bucketOf(cookie: bigint): number {
  const low = Number(cookie & 0xffffffffn);
  const high = Number((cookie >> 32n) & 0xffffffffn);
  return laneKey(low, high) & (LANE_BUCKETS - 1);
}
