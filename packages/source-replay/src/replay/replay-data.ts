import type { Origin } from '@sockflow/core';

import { originText } from '../format/origin-text.ts';
import { BlockTable, type SharedBlockTable } from '../reader/block-table.ts';
import { badBlock, BLOCK_FAULTS, type Damage } from '../reader/damage.ts';
import type { RecordingPart } from '../reader/open-part.ts';
import type { Recording } from '../reader/open-recording.ts';
import { MergeClock } from './merge-clock.ts';

/** A place in the order of blocks where events are known to be missing. */
export interface ReplayHole {
  /** Blocks in the order before it. */
  readonly beforeBlock: number;
  /** Events lost; 0 where nothing says how many. */
  readonly events: number;
  readonly originIndex: number;
  readonly startNs: bigint;
  readonly endNs: bigint;
}

/** What lanes share of the recordings that are replayed; crosses threads by structured clone. */
export interface ReplayData {
  readonly origins: readonly Origin[];
  /** For each origin: what is added to its boot time, by the first reading of its clocks, to get the time that recordings are merged by, ns. */
  readonly shiftsNs: readonly bigint[];
  /** Block headers of all parts, in the order of replay. */
  readonly blockTable: SharedBlockTable;
  /** For each block: index of its part, in the order of the recordings and their parts. */
  readonly partOfBlock: Uint32Array;
  /** For each block: index into `origins`. */
  readonly originOfBlock: Uint32Array;
  readonly holes: readonly ReplayHole[];
  /**
   * For each block: why it gave nothing, as {@link BLOCK_FAULTS} numbers it, once a lane found so; else 0.
   *
   * ORDER: lanes store with Atomics while they run; the main thread reads after all have ended.
   */
  readonly damagedBlocks: Int32Array;
}

/** A part's position in the merge. */
interface Cursor {
  readonly part: RecordingPart;
  readonly index: number;
  readonly originIndices: ReadonlyMap<number, number>;
  row: number;
  /** When its next block begins, on the clock that parts are merged by; `undefined` where none is left. */
  nextNs: bigint | undefined;
}

/**
 * Puts the blocks of all parts in one order: by the time of {@link MergeClock} at which each begins, each part's own order kept (F9). Of blocks that begin at the same time those of the part that was named first come first.
 *
 * So an event comes after later ones by no more than the longest block (with groups: window) of another part that was begun before it and ends after it lasts.
 */
export function mergeRecordings(recordings: readonly Recording[]): ReplayData {
  const parts = recordings.flatMap((recording) => recording.parts);
  const origins = new OriginList();
  const clock = MergeClock.of(recordings);
  const cursors: Cursor[] = parts.map((part, index) => ({
    part,
    index,
    originIndices: new Map(
      [...part.origins].map(([number, origin]) => [number, origins.indexOf(origin)]),
    ),
    row: 0,
    nextNs: undefined,
  }));
  const [only] = cursors;
  const order =
    cursors.length === 1 && only !== undefined
      ? orderOfOne(only)
      : orderOfSeveral(cursors, origins.list, clock);
  const { blocks, ...rest } = order;
  return {
    origins: origins.list,
    shiftsNs: origins.list.map(({ id }) => shiftNs(id, clock)),
    blockTable: blocks.share(),
    ...rest,
    damagedBlocks: new Int32Array(new SharedArrayBuffer(blocks.count * 4)),
  };
}

/** Blocks in the order of replay. */
interface BlockOrder extends Pick<ReplayData, 'partOfBlock' | 'originOfBlock' | 'holes'> {
  readonly blocks: BlockTable;
}

/** One part is in its order already: its table is shared, not copied, and no block's time is looked at. */
function orderOfOne(cursor: Cursor): BlockOrder {
  const { blocks, damage } = cursor.part;
  const originOfBlock = new Uint32Array(blocks.count);
  const holes: ReplayHole[] = [];
  let known = -1;
  let origin = 0;
  for (let row = 0; row < blocks.count; row++) {
    const number = blocks.originNumber(row);
    if (number !== known) origin = cursor.originIndices.get(number) ?? 0;
    known = number;
    originOfBlock[row] = origin;
  }
  const holeRows = new Set(damage.map(({ beforeBlock }) => beforeBlock));
  for (const row of [...holeRows].toSorted((one, other) => one - other)) {
    cursor.row = row;
    takeHoles(cursor, row, holes);
  }
  return { blocks, partOfBlock: new Uint32Array(blocks.count), originOfBlock, holes };
}

function orderOfSeveral(
  cursors: readonly Cursor[],
  origins: readonly Origin[],
  clock: MergeClock,
): BlockOrder {
  for (const cursor of cursors) cursor.nextNs = nextTimeNs(cursor, origins, clock);
  const count = cursors.reduce((sum, { part }) => sum + part.blocks.count, 0);
  const table = BlockTable.allocate(count);
  const partOfBlock = new Uint32Array(count);
  const originOfBlock = new Uint32Array(count);
  const holes: ReplayHole[] = [];
  for (let row = 0; row < count; row++) {
    const cursor = earliest(cursors);
    takeHoles(cursor, row, holes);
    table.set(row, cursor.part.blocks.row(cursor.row));
    partOfBlock[row] = cursor.index;
    originOfBlock[row] = originIndexOf(cursor);
    cursor.row++;
    cursor.nextNs = nextTimeNs(cursor, origins, clock);
  }
  for (const cursor of cursors) takeHoles(cursor, count, holes);
  return { blocks: table, partOfBlock, originOfBlock, holes };
}

/** What of the damage is known once lanes have read: the recordings' own, and blocks that did not match. */
export function allDamage(recordings: readonly Recording[], data: ReplayData): Damage[] {
  const blocks = new BlockTable(data.blockTable);
  const damage = recordings.flatMap((recording) => recording.damage);
  const parts = recordings.flatMap((recording) => recording.parts);
  data.damagedBlocks.forEach((fault, row) => {
    if (fault === 0) return;
    const path = parts[data.partOfBlock[row] ?? 0]?.path ?? '';
    damage.push(badBlock(path, blocks, row, BLOCK_FAULTS[fault]));
  });
  return damage;
}

class OriginList {
  readonly list: Origin[] = [];
  readonly #indices = new Map<string, number>();

  indexOf(origin: Origin): number {
    const text = originText(origin);
    const known = this.#indices.get(text);
    if (known !== undefined) return known;
    this.#indices.set(text, this.list.length);
    return this.list.push(origin) - 1;
  }
}

function earliest(cursors: readonly Cursor[]): Cursor {
  let first: Cursor | undefined;
  for (const cursor of cursors) {
    const { nextNs } = cursor;
    if (nextNs === undefined) continue;
    if (first?.nextNs === undefined || nextNs < first.nextNs) first = cursor;
  }
  if (first === undefined) throw new RangeError('no block is left to merge');
  return first;
}

/** When a part's next block begins, on the clock that parts are merged by. */
function nextTimeNs(
  cursor: Cursor,
  origins: readonly Origin[],
  clock: MergeClock,
): bigint | undefined {
  const { blocks } = cursor.part;
  if (cursor.row === blocks.count) return undefined;
  const id = origins[originIndexOf(cursor)]?.id ?? '';
  return clock.timeNs(id, blocks.firstTimeNs(cursor.row));
}

/** By its first reading: what is added to a host's boot time. */
function shiftNs(id: string, clock: MergeClock): bigint {
  return clock.timeNs(id, 0n);
}

function originIndexOf(cursor: Cursor): number {
  const { blocks } = cursor.part;
  const row = Math.min(cursor.row, blocks.count - 1);
  return row < 0 ? 0 : (cursor.originIndices.get(blocks.originNumber(row)) ?? 0);
}

/** Places the holes that lie before a part's next block. */
function takeHoles(cursor: Cursor, row: number, holes: ReplayHole[]): void {
  const { blocks, damage } = cursor.part;
  for (const { beforeBlock, events } of damage) {
    if (beforeBlock !== cursor.row || events === 0) continue;
    const hasBefore = cursor.row > 0;
    const hasAfter = cursor.row < blocks.count;
    if (!hasBefore && !hasAfter) continue;
    const beforeNs = hasBefore ? blocks.lastTimeNs(cursor.row - 1) : undefined;
    const afterNs = hasAfter ? blocks.firstTimeNs(cursor.row) : undefined;
    const startNs = beforeNs ?? afterNs ?? 0n;
    const endNs = afterNs ?? startNs;
    holes.push({
      beforeBlock: row,
      events: events ?? 0,
      originIndex: originIndexOf(cursor),
      startNs,
      endNs: endNs > startNs ? endNs : startNs,
    });
  }
}
