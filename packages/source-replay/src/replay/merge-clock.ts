/*
 * The clock that recordings are merged by. Main thread, before lanes start.
 *
 *   one host and boot     its boot clock, which every part of it shares
 *   several, clocks known wall time: what the host's own clock said, by the last reading before an event
 *   several, one unknown  boot time of each, which says nothing across hosts: a note tells so
 *
 * Readings are the origins' `clock` and the clock anchors in the recordings (one a minute of a live one): so wall time follows corrections of the clock. A clock that was set back would put
 * later events of a host before earlier ones: merge time stands still there until the clock has caught up.
 */
import { Kind, walkSlots } from '@sockflow/core';

import { BlockReader } from '../reader/block-reader.ts';
import type { RecordingPart } from '../reader/open-part.ts';
import type { Recording } from '../reader/open-recording.ts';
import { DiskFile } from '../reader/random-access-file.ts';

const KIND_WORD = 2;
const TIME_WORD = 4;
const REALTIME_WORD = 36;

/** What the times are by which blocks of several recordings are put in order. */
export type MergeBasis = 'boot' | 'wall' | 'unknown';

interface Reading {
  readonly bootNs: bigint;
  readonly realtimeNs: bigint;
}

/** Boot times from `bootNs` on are moved by `shiftNs`, and are not before `floorNs` then. */
interface Segment {
  readonly bootNs: bigint;
  readonly shiftNs: bigint;
  readonly floorNs: bigint;
}

/** Boot times of several hosts and boots on one clock. */
export class MergeClock {
  readonly basis: MergeBasis;
  readonly #segments: ReadonlyMap<string, readonly Segment[]>;

  private constructor(basis: MergeBasis, segments: ReadonlyMap<string, readonly Segment[]>) {
    this.basis = basis;
    this.#segments = segments;
  }

  /** Reads the blocks that hold clock anchors, where wall time is what there is to merge by; what cannot be read of them is left out, and is the lanes' to name. */
  static of(recordings: readonly Recording[]): MergeClock {
    const parts = recordings.flatMap((recording) => recording.parts);
    const basis = mergeBasisOf(parts);
    return new MergeClock(basis, basis === 'wall' ? readSegments(parts) : new Map());
  }

  /** The time by which a moment of a host and boot is put in order, ns; it never goes back as boot time goes on. */
  timeNs(originId: string, bootNs: bigint): bigint {
    const segments = this.#segments.get(originId);
    if (segments === undefined) return bootNs;
    let index = segments.length - 1;
    while (index > 0 && bootNs < (segments[index] as Segment).bootNs) index--;
    const { shiftNs, floorNs } = segments[index] as Segment;
    const timeNs = bootNs + shiftNs;
    return timeNs < floorNs ? floorNs : timeNs;
  }
}

/** What is known of the clocks, by what the recordings say without being read. */
export function mergeBasisOf(parts: readonly RecordingPart[]): MergeBasis {
  const hasClock = new Map<string, boolean>();
  for (const { origins } of parts) {
    for (const { id, clock } of origins.values()) {
      hasClock.set(id, clock !== undefined || (hasClock.get(id) ?? false));
    }
  }
  if (hasClock.size < 2) return 'boot';
  for (const { origins, blocks } of parts) {
    if (blocks.totals().clockAnchors === 0) continue;
    for (let row = 0; row < blocks.count; row++) {
      if (blocks.clockAnchors(row) === 0) continue;
      const id = origins.get(blocks.originNumber(row))?.id;
      if (id !== undefined) hasClock.set(id, true);
    }
  }
  return [...hasClock.values()].every(Boolean) ? 'wall' : 'unknown';
}

/** A note for who merges recordings whose order in time nothing tells; `undefined` where it is known. */
export function describeMerge(recordings: readonly Recording[]): string | undefined {
  const parts = recordings.flatMap((recording) => recording.parts);
  if (mergeBasisOf(parts) !== 'unknown') return undefined;
  const withAnchors = new Set<string>();
  for (const { origins, blocks } of parts) {
    for (let row = 0; row < blocks.count; row++) {
      const id = origins.get(blocks.originNumber(row))?.id;
      if (id !== undefined && blocks.clockAnchors(row) > 0) withAnchors.add(id);
    }
  }
  const all = parts.flatMap(({ origins }) => [...origins.values()]);
  const known = new Set(all.filter(({ clock }) => clock !== undefined).map(({ id }) => id));
  const unknown = new Set(all.map(({ id }) => id));
  for (const id of [...known, ...withAnchors]) unknown.delete(id);
  const names = [...unknown].map((id) => `'${id}'`).join(', ');
  return `the wall clock of ${names} is not known: the recordings are merged by time since boot, which says nothing of the order across hosts and boots`;
}

function readSegments(parts: readonly RecordingPart[]): Map<string, Segment[]> {
  const readings = new Map<string, Reading[]>();
  const add = (id: string, reading: Reading): void => {
    const list = readings.get(id);
    if (list === undefined) readings.set(id, [reading]);
    else list.push(reading);
  };
  for (const part of parts) {
    for (const { id, clock } of part.origins.values()) if (clock !== undefined) add(id, clock);
    readAnchors(part, add);
  }
  return new Map([...readings].map(([id, list]) => [id, toSegments(list)]));
}

function toSegments(readings: readonly Reading[]): Segment[] {
  const sorted = readings.toSorted((one, other) => (one.bootNs < other.bootNs ? -1 : 1));
  const segments: Segment[] = [];
  for (const { bootNs, realtimeNs } of sorted) {
    const shiftNs = realtimeNs - bootNs;
    const before = segments.at(-1);
    const endNs = before === undefined ? realtimeNs : bootNs + before.shiftNs;
    const floorNs = before === undefined || endNs > before.floorNs ? endNs : before.floorNs;
    // What comes before the first reading is moved as what comes after it, without a floor.
    segments.push({ bootNs, shiftNs, floorNs: before === undefined ? 0n : floorNs });
  }
  return segments;
}

function readAnchors(part: RecordingPart, add: (id: string, reading: Reading) => void): void {
  const { blocks, origins } = part;
  const rows: number[] = [];
  let largestBytes = 0;
  for (let row = 0; row < blocks.count; row++) {
    if (blocks.clockAnchors(row) === 0) continue;
    rows.push(row);
    largestBytes = Math.max(largestBytes, blocks.payloadBytes(row));
  }
  if (rows.length === 0) return;
  const file = DiskFile.open(part.path);
  try {
    const reader = new BlockReader(largestBytes);
    const { u32 } = reader.memory;
    for (const row of rows) {
      const origin = origins.get(blocks.originNumber(row));
      if (origin === undefined || !reader.read(file, blocks, row)) continue;
      const span = {
        memory: reader.memory,
        startWord: 0,
        endWord: blocks.payloadBytes(row) / 4,
        origin,
        mayBeBusy: false,
        mayHoldOtherLanes: false,
        mayHoldMarkers: true,
        endTimeUs: 0,
      };
      walkSlots(span, (word) => {
        if (((u32[word + KIND_WORD] as number) & 0xff) !== Kind.CLOCK_ANCHOR) return;
        const bootNs = u64(u32, word + TIME_WORD);
        add(origin.id, { bootNs, realtimeNs: u64(u32, word + REALTIME_WORD) });
      });
    }
  } finally {
    file.close();
  }
}

function u64(u32: Uint32Array, word: number): bigint {
  return (BigInt(u32[word + 1] as number) << 32n) | BigInt(u32[word] as number);
}
