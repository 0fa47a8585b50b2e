/*
 * What lies in a spool's directory, and what is promised of it.
 *
 *   DIRECTORY/
 *     spool.json              {"format":"sockflow-spool/1","sink":NAME,"destination":BROKERS}: whose it is, and where that leads, where the sink says so
 *     lane-0.lock             {"pid","startTicks","bootId"} of who writes lane 0; open as long as the lane is
 *     lane-0/                 one folder a lane, of any number of lanes
 *       00000001.sfrec        a segment of batches: a recording of one part, complete
 *       00000002.values       a segment of values: SFVALUES, then frames
 *       00000003.sfrec.part   the segment that is written
 *       00000000.sfrec.damaged  one of which something could not be read: kept for people, never read again
 *       position.json         {"segment":1,"items":4096}: so much of its first segment is delivered
 *
 *   frame of a value          offset  bytes  field
 *                                  0      4  length of the value, little-endian
 *                                  4      4  CRC-32 of the value
 *                                  8      —  the value, in msgpack
 *
 * An item is a slot (event or marker) or a value. Items of a lane are counted in the order in which they were given; a lane's items are in three places, which overlap:
 *
 *        acked                given                              tail
 *          |  inner sink has it |  due                             |
 *   -------+--------------------+----------------------------------+
 *          |<- segments on disk ->|<- kept: copies in memory ----->|
 *
 *   state     what is written              goes to
 *   direct    nothing due but memory       the inner sink at once, a copy is kept
 *   spilling  the inner lags or is gone    kept, and from there to the segment that is written; the inner sink is given segments, from the oldest on
 *
 * Invariants
 *   Q1  Whatever was given and is not acknowledged by the inner sink lies in a segment or is kept, in the order in which it was given.
 *   Q2  The inner sink is given items in that order: what is kept only when no segment is before it. After it has failed it is given all from `acked` on, again.
 *   Q3  Acknowledged is what the inner sink has acknowledged or what is synced (fdatasync) in a segment, whichever is more: so it is durable, and all before it is.
 *   Q4  A segment is removed only when the inner sink has acknowledged all of it. One of which something cannot be read is never removed: when the inner sink has acknowledged the rest, it is set aside as
 *       NAME.damaged, and the run that does so ends with ERR_SOCKFLOW_SPOOL_DAMAGED.
 *   Q5  The position file never says more than the inner sink has acknowledged. What a killed process delivers twice is at most what the inner sink had and had not acknowledged, and what it
 *       acknowledged in the last POSITION_EVERY_MS.
 *   Q6  A block or frame that is not whole, at the end of a segment that a killed process left (NAME.part), was never acknowledged: it is left out and told of. Anywhere else it is damage (Q4).
 *   Q7  A lane's folder is written, read and cleaned by whoever holds its lock. Lane k of n takes over the folders of k, k + n, k + 2n ...
 *   Q8  Kept bytes stay below `keepBytes` and one input more; segments below `maxBytes`: above either the lane is held back.
 *   Q9  `close` ends within a bound, whatever the inner sink does, and leaves on the disk what it has not taken.
 */
import { join } from 'node:path';

export const SPOOL_FORMAT = 'sockflow-spool/1';
export const SPOOL_FILE = 'spool.json';
export const POSITION_FILE = 'position.json';
/** Q5 */
export const POSITION_EVERY_MS = 50;

/** Of a segment that is set aside (Q4). */
export const DAMAGED_SUFFIX = '.damaged';

export const VALUES_MAGIC: Uint8Array = Buffer.from('SFVALUES');
export const FRAME_HEADER_BYTES = 8;

/** What a segment holds. */
export type SegmentKind = 'batches' | 'values';

const EXTENSIONS: Readonly<Record<SegmentKind, string>> = { batches: 'sfrec', values: 'values' };
const SEGMENT = /^(?<number>\d{8,})\.(?<extension>sfrec|values)(?:\.part)?$/;
const NUMBER = /^(?<number>\d{8,})\./;
const FOLDER = /^lane-(?<lane>0|[1-9]\d*)$/;

/** A segment's final name. */
export function segmentName(number: number, kind: SegmentKind): string {
  return `${String(number).padStart(8, '0')}.${EXTENSIONS[kind]}`;
}

/** What a file name says, where it is a segment's. */
export function readSegmentName(
  name: string,
): { readonly number: number; readonly kind: SegmentKind } | undefined {
  const { number, extension } = SEGMENT.exec(name)?.groups ?? {};
  if (number === undefined) return undefined;
  return { number: Number(number), kind: extension === 'sfrec' ? 'batches' : 'values' };
}

/** The number of a segment, also of one that is set aside. */
export function readSegmentNumber(name: string): number | undefined {
  const number = NUMBER.exec(name)?.groups?.['number'];
  return number === undefined ? undefined : Number(number);
}

export function laneFolder(directory: string, lane: number): string {
  return join(directory, `lane-${lane}`);
}

export function lockPath(directory: string, lane: number): string {
  return join(directory, `lane-${lane}.lock`);
}

/** The lane whose folder is called so. */
export function readFolderName(name: string): number | undefined {
  const lane = FOLDER.exec(name)?.groups?.['lane'];
  return lane === undefined ? undefined : Number(lane);
}
