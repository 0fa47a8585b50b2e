/*
 * The segments of one lane: those that earlier runs left, then those that this one writes. In the lane's thread. Layout and invariants: layout.ts.
 *
 *   append -> the segment that is written -> flush (in the file) -> commit (on the disk) -> ... read, given, acknowledged -> release
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { isBatch } from '@sockflow/core';

import type { KeptInput } from './kept-inputs.ts';
import { laneFolder, POSITION_EVERY_MS, type SegmentKind, segmentName } from './layout.ts';
import { eventsOf, findLeftovers, type FoundLeftovers, isDamaged, setAside } from './leftovers.ts';
import type { UnreadableChunk } from './segment-reader.ts';
import { openSegment, type SegmentWriter } from './segment-writer.ts';
import {
  forgetPosition,
  type FoundSegment,
  removeSegment,
  tryRemoveFolder,
  writePosition,
} from './segments-on-disk.ts';
import { foldersIn } from './spool-directory.ts';
import type { LaneSpoolSettings } from './spool-options.ts';

/** A segment that was set aside (Q4). */
export interface DamagedSegment {
  /** Where it is kept. */
  readonly path: string;
  /** As far as is known. */
  readonly events: number;
}

/** A segment, and the items of the lane that it holds. */
export interface Segment extends FoundSegment {
  /** Its first item that is not delivered, as the lane counts. */
  readonly start: number;
  /** Items of the file before that. */
  readonly skipped: number;
  /** Whether this run was given what it holds, and has to account for it. */
  readonly isOwn: boolean;
  end: number;
  sizeBytes: number;
  isRemoved: boolean;
  /** Events that cannot be read, by the item of the file behind them. */
  readonly unreadable: Map<number, number>;
  /** Events for which no item stands any more. */
  readonly lostEvents: number | undefined;
}

/** A segment while it has a writer: until all of it is on the disk. */
interface OpenSegment {
  readonly segment: Segment;
  readonly writer: SegmentWriter;
  readonly eventsBefore: number;
  syncedItems: number;
  isEnded: boolean;
}

/** What earlier runs left. */
export interface Leftovers {
  readonly segments: number;
  readonly events: number;
  readonly tornBytes: number;
  readonly folders: readonly string[];
}

/** See the head of this file. */
export class SpoolLog {
  readonly folder: string;
  readonly leftovers: Leftovers;
  readonly #settings: LaneSpoolSettings;
  readonly #segments: Segment[];
  readonly #damaged: DamagedSegment[];
  #nextNumber: number;
  #current: OpenSegment | undefined;
  /** Those whose last bytes are not on the disk yet, the oldest first. */
  #ending: OpenSegment[];
  #committing: Promise<void>;
  #synced: { readonly item: number; readonly events: number };
  #positionAtMs: number;
  #position: { readonly segment: Segment; readonly items: number } | undefined;

  private constructor(settings: LaneSpoolSettings, folder: string, found: FoundLeftovers) {
    this.folder = folder;
    this.#settings = settings;
    this.#segments = [...found.segments];
    this.#damaged = [...found.damaged];
    this.#nextNumber = found.nextNumber;
    this.leftovers = {
      segments: found.segments.length,
      events: found.events,
      tornBytes: found.tornBytes,
      folders: [...new Set(found.segments.map((segment) => segment.folder))],
    };
    this.#current = undefined;
    this.#ending = [];
    this.#committing = Promise.resolve();
    this.#synced = { item: 0, events: 0 };
    this.#positionAtMs = 0;
    this.#position = undefined;
  }

  /** @throws ERR_SOCKFLOW_SPOOL_IO */
  static open(settings: LaneSpoolSettings, lane: number, lanes: number): SpoolLog {
    const folder = laneFolder(settings.directory, lane);
    mkdirSync(folder, { recursive: true });
    const taken = foldersIn(settings.directory).filter((other) => other % lanes === lane);
    const folders = [lane, ...taken.filter((other) => other !== lane)];
    const paths = folders.map((each) => laneFolder(settings.directory, each));
    return new SpoolLog(settings, folder, findLeftovers(paths));
  }

  /** Those that this run set aside (Q4). */
  get damaged(): readonly DamagedSegment[] {
    return this.#damaged;
  }

  /** Puts down that something of a segment cannot be read. @returns whether that is new of this segment */
  markUnreadable(
    segment: Segment,
    item: number,
    { items, events }: Pick<UnreadableChunk, 'items' | 'events'>,
  ): boolean {
    const isFirst = segment.unreadable.size === 0;
    segment.unreadable.set(segment.skipped + item - segment.start + items, events);
    return isFirst;
  }

  /** The item behind the last one that lies there; 0 where nothing does. */
  get end(): number {
    return this.#segments.at(-1)?.end ?? 0;
  }

  get isEmpty(): boolean {
    return this.#segments.length === 0;
  }

  /** Bytes on the disk, and on their way there. */
  get sizeBytes(): number {
    const writer = this.#current?.writer;
    let sum = (writer?.sizeBytes ?? 0) - (this.#current?.segment.sizeBytes ?? 0);
    for (const { sizeBytes } of this.#segments) sum += sizeBytes;
    return sum;
  }

  /** All before it is in files: copies are not needed. */
  get written(): number | undefined {
    const current = this.#current;
    return current === undefined ? this.#segments.at(-1)?.end : writtenOf(current);
  }

  /** All before it is on the disk (Q3), in items and in the events of this run. */
  get synced(): { readonly item: number; readonly events: number } {
    return this.#synced;
  }

  get isSynced(): boolean {
    return this.#ending.length === 0 && (this.#current === undefined || isAllSynced(this.#current));
  }

  hasRoomFor(bytes: number): boolean {
    return this.#segments.length === 0 || this.sizeBytes + bytes <= this.#settings.maxBytes;
  }

  /** The segment that holds an item. */
  holding(item: number): Segment | undefined {
    return this.#segments.find(({ start, end }) => start <= item && item < end);
  }

  isCurrent(segment: Segment): boolean {
    return this.#current?.segment === segment;
  }

  /** Puts one more behind those that are there. What it throws leaves the segment as it is: {@link giveUp}. */
  append(kept: KeptInput): void {
    const kind = isBatch(kept.copy) ? 'batches' : 'values';
    const { segmentBytes } = this.#settings;
    const last = this.#current;
    if (last !== undefined && (last.segment.kind !== kind || last.writer.sizeBytes > segmentBytes))
      this.seal();
    const { segment, writer } = (this.#current ??= this.#begin(kind, kept));
    segment.end = kept.end;
    writer.append(kept.copy);
  }

  /** The segment that is written is whole: it may be read, and the next append begins another one. */
  seal(): void {
    if (this.#current === undefined) return;
    this.#current.writer.flush();
    this.#end(true);
  }

  /** Leaves the segment that is written as far as it is in its file. */
  giveUp(): void {
    if (this.#current !== undefined) this.#end(false);
  }

  /** Puts what was appended on the disk. @throws where there is no room for what was appended, or the disk failed */
  commit(): Promise<void> {
    const committed = this.#committing.then(() => this.#commit());
    this.#committing = committed.catch(() => {});
    return committed;
  }

  /** The inner sink has acknowledged all before `item`: what lies before is removed (Q4), how far it is in the next is put down (Q5). */
  release(item: number): void {
    for (let first = this.#segments[0]; first !== undefined; first = this.#segments[0]) {
      if (first.end > item || this.isCurrent(first)) break;
      if (isDamaged(first)) this.#damaged.push(setAside(first));
      else removeSegment(first);
      first.isRemoved = true;
      this.#segments.shift();
      const isLast = !this.#segments.some(({ folder }) => folder === first.folder);
      if (isLast) forgetPosition(first.folder);
      if (isLast && first.folder !== this.folder) tryRemoveFolder(first.folder);
    }
    const [first] = this.#segments;
    if (first === undefined || first.start >= item) return;
    this.#position = { segment: first, items: first.skipped + item - first.start };
    if (performance.now() - this.#positionAtMs >= POSITION_EVERY_MS) this.writePosition();
  }

  writePosition(): void {
    if (this.#position === undefined || this.#position.segment.isRemoved) return;
    const { segment, items } = this.#position;
    this.#position = undefined;
    this.#positionAtMs = performance.now();
    writePosition(segment.folder, { segment: segment.number, items });
  }

  /** Events that lie there. */
  countEvents(): number {
    let events = 0;
    for (const segment of this.#segments) events += eventsOf(segment, segment.skipped).events;
    return events;
  }

  /** After the last commit. */
  close(): void {
    for (const open of this.#ending.splice(0)) open.writer.end(open.isEnded);
    try {
      this.writePosition();
    } catch {
      // A full disk: then what was acknowledged last is delivered twice.
    }
    if (this.#segments.length === 0) tryRemoveFolder(this.folder);
  }

  #begin(kind: SegmentKind, { start, eventsBefore }: KeptInput): OpenSegment {
    const number = this.#nextNumber++;
    const path = join(this.folder, segmentName(number, kind));
    const writer = openSegment(kind, path);
    const segment: Segment = {
      folder: this.folder,
      number,
      kind,
      path,
      start,
      end: start,
      skipped: 0,
      isOwn: true,
      sizeBytes: 0,
      isRemoved: false,
      unreadable: new Map(),
      lostEvents: undefined,
    };
    this.#segments.push(segment);
    return { segment, writer, eventsBefore, syncedItems: 0, isEnded: true };
  }

  #end(isWhole: boolean): void {
    const current = this.#current as OpenSegment;
    const { segment, writer } = current;
    this.#current = undefined;
    segment.end = writtenOf(current);
    segment.sizeBytes = writer.sizeBytes;
    current.isEnded = isWhole;
    this.#ending.push(current);
    if (segment.end > segment.start) return;
    // Nothing of it is in the file.
    removeSegment(segment);
    segment.isRemoved = true;
    this.#segments.pop();
  }

  async #commit(): Promise<void> {
    const current = this.#current;
    const ending = this.#ending.slice();
    for (const open of ending) {
      await this.#sync(open);
      if (this.#ending[0] !== open) continue;
      this.#ending.shift();
      open.writer.end(open.isEnded && !open.segment.isRemoved);
    }
    if (current === undefined || this.#current !== current) return;
    current.writer.flush();
    await this.#sync(current);
  }

  async #sync(open: OpenSegment): Promise<void> {
    const { segment, writer, eventsBefore } = open;
    const { itemsWritten, eventsWritten } = writer;
    if (itemsWritten === open.syncedItems) return;
    await writer.sync();
    open.syncedItems = itemsWritten;
    this.#synced = { item: segment.start + itemsWritten, events: eventsBefore + eventsWritten };
  }
}

function writtenOf({ segment, writer }: OpenSegment): number {
  return segment.start + writer.itemsWritten;
}

function isAllSynced(open: OpenSegment): boolean {
  return open.segment.start + open.syncedItems === open.segment.end;
}
