import type { Plan } from '@sockflow/core';

import { BlockTable } from '../../reader/block-table.ts';
import { plansExcludeBlock } from '../block-exclusion.ts';
import type { ReplayData } from '../replay-data.ts';
import { PaceBoard } from './pace-board.ts';

/** The pace of a replay; crosses threads by structured clone. */
export interface Pace {
  /** 2: twice as fast as the events came. */
  readonly speed: number;
  /**
   * For each origin of the replay, in their order: what is added to an event's time, us since boot, to get the time after the start of the replay, us. Events of several
   * hosts so lie on one clock.
   */
  readonly shiftsUs: readonly number[];
  /** Of a PaceBoard. */
  readonly board: SharedArrayBuffer;
}

/** The span of time outside of which no plan wants anything, us since boot; nothing there is waited for. */
export interface WantedTime {
  readonly startUs: number;
  /** End exclusive. */
  readonly endUs: number;
}

/** What all plans leave out by time. */
export function wantedTime(plans: readonly Plan[]): WantedTime {
  let startUs = Infinity;
  let endUs = -Infinity;
  for (const plan of plans) {
    let planStartUs = -Infinity;
    let planEndUs = Infinity;
    for (const filter of plan) {
      if (filter.type !== 'time') continue;
      if (filter.startNs !== undefined) {
        planStartUs = Math.max(planStartUs, Number(filter.startNs) / 1000);
      }
      if (filter.endNs !== undefined) planEndUs = Math.min(planEndUs, Number(filter.endNs) / 1000);
    }
    startUs = Math.min(startUs, planStartUs);
    endUs = Math.max(endUs, planEndUs);
  }
  return plans.length === 0 ? { startUs: -Infinity, endUs: Infinity } : { startUs, endUs };
}

/** The pace of a replay: its start is the first time of what is read, or of what is wanted of that. */
export function planPace(
  speed: number,
  { origins, shiftsNs, blockTable, originOfBlock }: ReplayData,
  plans: readonly Plan[],
  lanes: number,
): Pace {
  const blocks = new BlockTable(blockTable);
  const wanted = wantedTime(plans);
  const firstUs = new Float64Array(origins.length).fill(Infinity);
  for (let row = 0; row < blocks.count; row++) {
    const index = originOfBlock[row] ?? 0;
    if (plansExcludeBlock(plans, blocks, row, origins[index]?.id ?? '')) continue;
    const startUs = Math.max(blocks.firstTimeUs(row), wanted.startUs);
    firstUs[index] = Math.min(firstUs[index] ?? Infinity, startUs);
  }
  let startNs: bigint | undefined;
  shiftsNs.forEach((shiftNs, index) => {
    const ownUs = firstUs[index] ?? Infinity;
    if (ownUs === Infinity) return;
    const ownNs = BigInt(Math.floor(ownUs * 1000)) + shiftNs;
    if (startNs === undefined || ownNs < startNs) startNs = ownNs;
  });
  return {
    speed,
    shiftsUs: shiftsNs.map((shiftNs) => Number(shiftNs - (startNs ?? 0n)) / 1000),
    board: PaceBoard.allocate(lanes).memory,
  };
}
