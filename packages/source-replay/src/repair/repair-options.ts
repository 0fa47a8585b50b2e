import type { Damage } from '../reader/damage.ts';

/** How a recording is repaired. */
export interface RepairOptions {
  /** Whether all of the new recording is on the disk before it gets its name. Default true. */
  readonly isSynced?: boolean;
  /** Told now and then how many bytes of the recording are done, and how many events are kept. */
  readonly onProgress?: (doneBytes: number, events: number) => void;
}

/** A stretch that is lost, and when it was. */
export interface RepairLoss extends Damage {
  /** Event time around it, ns since boot of its origin; `undefined` where no block lies on either side. */
  readonly startNs: bigint | undefined;
  readonly endNs: bigint | undefined;
}

/** What became of a part. */
export interface RepairedPart {
  readonly path: string;
  readonly output: string;
  readonly blocksKept: number;
  readonly eventsKept: number;
  readonly markersKept: number;
  /** Loss markers that were put where events are missing. */
  readonly markersAdded: number;
  /** Blocks whose statistics were wrong and were counted anew. */
  readonly blocksCounted: number;
  readonly losses: readonly RepairLoss[];
  /** Damage by which nothing is lost: of the file header, the index, a copy of an origin. */
  readonly mended: readonly Damage[];
  /** Whether its writer did not close it: what it had not yet written is not known. */
  readonly wasUnfinished: boolean;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

/** What a repair did. */
export interface RepairReport {
  readonly path: string;
  /** The name of the new recording; `undefined` where there was nothing to repair and nothing was written. */
  readonly output: string | undefined;
  readonly parts: readonly RepairedPart[];
  /** Parts that are not there at all. */
  readonly missingParts: readonly string[];
  /** Places that were not as the format says. */
  readonly findings: number;
}
