/*
 * What earlier runs left in the folders of a lane: which segments, how much of them is due, and which are damaged (Q4).
 */
import { isSockflowError } from '@sockflow/core';

import { openSegmentReader, type SegmentReader } from './segment-reader.ts';
import {
  forgetPosition,
  type FoundSegment,
  freeNumberIn,
  readPosition,
  removeSegment,
  segmentsIn,
  setSegmentAside,
} from './segments-on-disk.ts';
import type { DamagedSegment, Segment } from './spool-log.ts';

/** What {@link findLeftovers} found. */
export interface FoundLeftovers {
  readonly segments: readonly Segment[];
  readonly damaged: readonly DamagedSegment[];
  readonly nextNumber: number;
  readonly events: number;
  readonly tornBytes: number;
}

/** What lies in some folders, the first of them being the lane's own. */
export function findLeftovers(folders: readonly string[]): FoundLeftovers {
  const segments: Segment[] = [];
  const damaged: DamagedSegment[] = [];
  // Before anything is set aside or removed: no number comes twice.
  const nextNumber = folders[0] === undefined ? 1 : freeNumberIn(folders[0]);
  let events = 0;
  let tornBytes = 0;
  let start = 0;
  for (const folder of folders) {
    const position = readPosition(folder);
    const found = segmentsIn(folder);
    if (found.length === 0) forgetPosition(folder);
    for (const each of found) {
      const reader = tryOpen(each);
      if (reader === undefined) {
        damaged.push({ path: setSegmentAside(each), events: 0 });
        continue;
      }
      const delivered = each.number === position.segment ? position.items : 0;
      const { skipped, ...counted } = count(reader, delivered);
      const { items, sizeBytes, unreadable, lostEvents } = counted;
      tornBytes += counted.tornBytes;
      const segment: Segment = {
        ...each,
        start,
        end: start + Math.max(0, items - skipped),
        skipped,
        isOwn: false,
        sizeBytes,
        isRemoved: false,
        unreadable,
        lostEvents,
      };
      if (items <= skipped) {
        if (isDamaged(segment)) damaged.push(setAside(segment));
        else removeSegment(each);
        continue;
      }
      events += counted.events;
      segments.push(segment);
      start = segment.end;
    }
  }
  return { segments, damaged, nextNumber, events, tornBytes };
}

export function isDamaged({ unreadable, lostEvents }: Segment): boolean {
  return unreadable.size > 0 || lostEvents !== undefined;
}

/** Q4 */
export function setAside(segment: Segment): DamagedSegment {
  let events = segment.lostEvents ?? 0;
  for (const unreadable of segment.unreadable.values()) events += unreadable;
  return { path: setSegmentAside(segment), events };
}

/** What a segment holds from one of its items on, as far as it is in the file. */
export function eventsOf({ kind, path }: FoundSegment, skipped: number): Counted {
  return count(openSegmentReader(kind, path), skipped);
}

interface Counted {
  readonly items: number;
  readonly events: number;
  readonly sizeBytes: number;
  readonly tornBytes: number;
  readonly lostEvents: number | undefined;
  /** As {@link Segment.unreadable}, of what is skipped. */
  readonly unreadable: Map<number, number>;
  /** Items that are surely delivered: what is damaged may have shifted their numbers. */
  readonly skipped: number;
}

function count(reader: SegmentReader, delivered: number): Counted {
  try {
    const { items, sizeBytes, tornBytes, lostEvents } = reader;
    const skipped = Math.min(delivered, reader.sureItems);
    const unreadable = new Map<number, number>();
    let { events } = reader;
    for (let index = 0; index < Math.min(skipped, items);) {
      const chunk = reader.chunkAt(index);
      if (chunk === undefined) break;
      // A chunk that is delivered in part counts as a whole: it is a number for people.
      if (index + chunk.items <= skipped) events -= chunk.events;
      if (chunk.input === undefined) unreadable.set(index + chunk.items, chunk.events);
      else chunk.release();
      index += chunk.items;
    }
    return { items, events, sizeBytes, tornBytes, lostEvents, unreadable, skipped };
  } finally {
    reader.close();
  }
}

/** `undefined` where it is no segment any more; @throws what the file system does */
function tryOpen({ kind, path }: FoundSegment): SegmentReader | undefined {
  try {
    return openSegmentReader(kind, path);
  } catch (error) {
    if (isSockflowError(error) && NO_SEGMENT.has(error.code)) return undefined;
    throw error;
  }
}

const NO_SEGMENT: ReadonlySet<string> = new Set([
  'ERR_SOCKFLOW_NOT_A_RECORDING',
  'ERR_SOCKFLOW_RECORDING_DAMAGED',
  'ERR_SOCKFLOW_RECORDING_EMPTY',
]);
