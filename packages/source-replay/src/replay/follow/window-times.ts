import type { BlockTable } from '../../reader/block-table.ts';

/** Slots of several CPUs go back in time by less. */
const SLACK_US = 1000;

/**
 * How far event time is in one part that is read from its beginning, nobody knowing the next block.
 *
 * Blocks of several lane groups come in windows, those of a window in the order of their groups, and each may begin before the one before it; every slot of a window came before every slot of the next one (F14, F15). So a
 * block tells nothing until its window is over: from then on nothing begins before that window did. A window is over with the block of the last group, or once a block comes whose group is not behind that of
 * the one before.
 */
export class WindowTimes {
  /** Earliest time of the windows that are not over, us since boot, by the origin's text. */
  readonly #open = new Map<string, number>();
  readonly #endUs = new Map<string, number>();
  #lastGroup = -1;

  /** Takes the block of a row, which is the next one of the part. */
  add(key: string, blocks: BlockTable, row: number, laneGroups: number): void {
    const group = groupOf(blocks, row, laneGroups);
    if (group !== undefined && group <= this.#lastGroup) this.#endWindow();
    const firstUs = Math.min(this.#open.get(key) ?? Infinity, blocks.firstTimeUs(row));
    this.#open.set(key, firstUs);
    if (group === laneGroups - 1) this.#endWindow();
    else if (group !== undefined) this.#lastGroup = group;
  }

  /** No later block of this origin holds an event before that, us since boot; 0: nothing is certain. */
  endUs(key: string): number {
    return this.#endUs.get(key) ?? 0;
  }

  #endWindow(): void {
    for (const [key, firstUs] of this.#open) {
      this.#endUs.set(key, Math.max(this.endUs(key), firstUs - SLACK_US));
    }
    this.#open.clear();
    this.#lastGroup = -1;
  }
}

/** `undefined` where nothing tells. A marker begins a window, in the first group's block. */
function groupOf(blocks: BlockTable, row: number, laneGroups: number): number | undefined {
  if (laneGroups === 1 || blocks.markers(row) > 0) return 0;
  const low = blocks.laneBuckets(row, 0);
  const half = low === 0 ? blocks.laneBuckets(row, 1) : low;
  if (half === 0) return undefined;
  // Groups are powers of two up to 64, so those of the upper half go on where the lower ends.
  const bucket = 31 - Math.clz32(half & -half) + (low === 0 ? 32 : 0);
  return bucket % laneGroups;
}
