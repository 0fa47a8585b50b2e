import type { BlockTable } from '../../reader/block-table.ts';
import type { ReplayData } from '../replay-data.ts';
import type { Pace, WantedTime } from './pace.ts';

/**
 * For each row, when the first of the blocks from it on begins, us since the start of the replay: until then nothing more need be read. Blocks behind the time that is wanted do not
 * count: they are read when nothing else is left.
 */
export function startsUs(
  { originOfBlock }: ReplayData,
  blocks: BlockTable,
  { shiftsUs }: Pace,
  wanted: WantedTime,
): Float64Array {
  const starts = new Float64Array(blocks.count);
  let earliestUs = Infinity;
  for (let row = blocks.count - 1; row >= 0; row--) {
    const timeUs = blocks.firstTimeUs(row);
    if (timeUs < wanted.endUs) {
      earliestUs = Math.min(earliestUs, timeUs + (shiftsUs[originOfBlock[row] ?? 0] ?? 0));
    }
    starts[row] = earliestUs;
  }
  return starts;
}
