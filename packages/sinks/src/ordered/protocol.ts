/*
 * What the lanes of an ordered output and its collector share: slots in blocks of shared memory, and messages that say whose they are.
 *
 * A block is a SharedArrayBuffer that one lane has made. It fills the block with runs, one behind the other, and sends each run's place; the collector reads a run, and sends back how
 * many of its words it has done with. A lane begins a block anew once all that was sent of it has come back.
 *
 * Invariants
 *   O1  A word of a block is written by its lane alone, and only before the run that holds it is sent, or after it has come back. The collector reads only runs that it was sent and
 *       has not given back, and writes nothing. So no word is written while it may be read, and no atomic is needed: a message is sent after what it tells of was written, and received
 *       before it is read (postMessage orders the two).
 *   O2  A run is whole slots of one origin, in the order of compareSlots: times never go back in it.
 *   O3  A lane's messages are taken in the order in which they were sent: what a time promises is about runs that come in later messages.
 *   O4  A lane is held back while more than `limitBytes` of what it has sent has not come back. The limit only grows.
 *   O5  An event is written once no lane may still bring an older one, or one of the same microsecond: every lane that is not over has said a later time of the event's origin.
 *       Lanes that do not count: those that have flushed and given nothing since, and those that are set aside (O7).
 *   O6  Where nothing may be written, some lane goes on. Take the oldest event that is buffered and the lanes that keep it by O5. One that is held back by its limit gets a higher one
 *       (O4), up to MAX_LIMIT_FACTOR; any other is free to run as far as this output is concerned: it brings a later time, ends, or says that its source has nothing.
 *   O7  A lane whose source has had nothing for `idleMs`, and has not said how late it is, is set aside until it says something, and so is one that O6 would give more than
 *       MAX_LIMIT_FACTOR times its limit. An event that comes too late by that is written at once, and counted.
 */
import type { Origin } from '@sockflow/core';

/** Numbers of a run in {@link LaneMessage.runs}. */
export const RUN_FIELDS = 5;

/** From a lane to the collector. */
export interface LaneMessage {
  /** New ones: their indices go on from those before. */
  readonly origins: readonly Origin[];
  /** New ones: likewise. */
  readonly blocks: readonly SharedArrayBuffer[];
  /** Five numbers a run: block, origin, first word, first word of its last slot, end (exclusive). */
  readonly runs: readonly number[];
  /** Two numbers each: origin, us since boot; after the runs. */
  readonly times: readonly number[];
  /** Whether the lane waits for its source. */
  readonly isIdle: boolean;
  /** Asks for an answer once all that was given is as durable as the sink promises; so does the end. */
  readonly flush?: number;
  readonly end?: { readonly isComplete: boolean };
}

/** From the collector to a lane. */
export interface CollectorMessage {
  /** Two numbers each: block, words of it that are the lane's again. */
  readonly freed: readonly number[];
  /** Events of this lane that are durably accepted so far: the first so many that it has sent. */
  readonly acknowledged: number;
  readonly limitBytes: number;
  /** The inner sink is open. */
  readonly isOpen?: boolean;
  /** The answer to a flush. */
  readonly flushed?: number;
  /** The answer to the end. */
  readonly isOver?: boolean;
  /** The inner sink has failed: why, for a message. */
  readonly failure?: string;
}

/** How far a lane's limit may grow. */
export const MAX_LIMIT_FACTOR = 16;
