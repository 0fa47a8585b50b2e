import type { SlotSpan } from '../slot/slot-span.ts';
import type { Plan, PlanFilter } from './filter.ts';
import type { LaneCounters, SourceLedger } from './ledger.ts';

/** Nothing to read now: wait. */
export const SOURCE_IDLE = 'idle';
/** Nothing will come any more. */
export const SOURCE_END = 'end';

/**
 * Where events come from. A pipeline module creates it in every thread that imports the module, so creating one must cost nothing and open nothing.
 *
 *   main thread:  open() -> laneData(lane) goes to each lane's worker -> start() -> ... -> stop() -> close()
 *   lane:         openLane() -> next() / wait() / acknowledge() ... -> close()
 */
export interface Source {
  /** For messages: `replay(real.sfrec)`. */
  readonly name: string;
  /** The ops it can report; `undefined`: whatever there is (recordings). A filter for an op that is not reported fails at start. */
  readonly reportedOps: readonly number[] | undefined;
  /** The kinds of slots that it can give, where it knows; `undefined`: whatever there is. A filter that asks for none of them can match nothing, which is a warning. */
  readonly reportedKinds?: readonly number[] | undefined;
  /** Whether what was read cannot be read again: it comes from a kernel, a socket, a thread. Said where a pipeline is explained and when its run has started. */
  readonly isLive?: boolean;
  /**
   * Absolute paths of the files that it would read, and of names whose writing would remove them. Asked on the main thread before `open`; a sink whose target is
   * one of them is refused before anything is opened. It looks at names only and never throws.
   */
  inputs?(): readonly string[];
  /** How one filter of a plan is carried out by the source itself, in words, or `undefined` where the lane does all of it. */
  describePushDown(filter: PlanFilter): string | undefined;
  /** Main thread, once: checks that it can be opened, opens what lanes share. */
  open(context: SourceContext): Promise<OpenSource>;
  /** In the lane's thread. */
  openLane(context: SourceLaneContext): Promise<LaneSource>;
}

/** What a source is told where it is opened, once for all lanes. */
export interface SourceContext {
  readonly lanes: number;
  /**
   * The plans of all outputs, as lanes will give them to `openLane`: a source that leaves events out before its lanes start goes by these. Empty: nothing may be
   * left out.
   */
  readonly plans: readonly Plan[];
}

/** What the main thread holds of a running source. */
export interface OpenSource {
  /** What a lane's `openLane` needs; crosses threads by structured clone. */
  laneData(lane: number): unknown;
  /**
   * Bytes that there are to read over all lanes, for progress; `undefined` for a live source. A source that gives them knows what it holds and counts it as
   * `recorded`: once every lane has read to the end, recorded = read + skipped + bad is checked.
   */
  readonly totalBytes: number | undefined;
  /**
   * A live source's beginning, once: every lane is open and waits for its first event. So nothing has to lie in rings while threads start, which takes a second where the
   * machine is busy; what can be refused is refused in `open`. A rejection fails the run. Not asked where the run ends before; a source without it produces from `open` on.
   */
  start?(): Promise<void>;
  /**
   * A live source's end, once: asked when the run is to end while its lanes read, or else after they have ended, before `close`; after `start` where that was asked. It stops producing, and its lanes get
   * SOURCE_END once they have read what was submitted. Resolves when nothing more is submitted; a rejection fails the run. A source without it is simply not asked for
   * more. A run that is aborted does not wait for it, or goes straight to `close`.
   */
  stop?(): Promise<void>;
  /**
   * A live source's part of the ledger; any time between open and the end of `close`, and after it the last one. It is settled once `stop` or `close` has resolved.
   * Counts never decrease.
   */
  ledger?(): SourceLedger;
  /** What the user should know of how it was opened, a sentence each: existing connections that could not be taken in. */
  readonly warnings?: readonly string[];
  /** Where a live source attaches itself: `/sys/fs/cgroup`. Told once it has started. */
  readonly attachedTo?: string;
  /** How a pace that it was asked for was kept; asked once all lanes have ended. `undefined`: it keeps none. */
  pace?(): PaceReport | undefined;
  /**
   * Called once after all lanes have ended; a second call does no harm. A rejection fails the run, with what was delivered delivered: so a source that went on past damage
   * reports all of it, once.
   */
  close(): Promise<void>;
}

/** How a source kept the pace at which it was to give its events. */
export interface PaceReport {
  /** 1: as they came; 2: twice as fast. */
  readonly speed: number;
  /** How long after its time an event was given, at most, ms: where sinks are slower than the events came, the replay is late and catches up. */
  readonly behindMs: number;
  /** Events that were read and not given, since the run ended before their time. */
  readonly eventsNotDue: number;
}

/** What a source is told where its end in one lane is opened. */
export interface SourceLaneContext {
  readonly lane: number;
  readonly lanes: number;
  readonly laneData: unknown;
  /**
   * The plans of all outputs. The source may leave out events that every plan drops, and only those; empty: nothing may be left out.
   * What it leaves out it counts as `skipped`.
   */
  readonly plans: readonly Plan[];
  readonly counters: LaneCounters;
}

/** A source's end in one lane. All calls come from the lane's thread. */
export interface LaneSource {
  /**
   * The next run of slots, or that there is none now, or none any more. Synchronous and bounded: at most a few ms.
   * Asking again releases the span given before. The last span before SOURCE_END may be empty: it carries the end time.
   *
   * `walkedToWord`: where the walk of the span given before ended, its `endWord` unless a slot was BUSY or damaged; what lies behind a busy slot must be given again.
   */
  next(walkedToWord?: number): SlotSpan | typeof SOURCE_IDLE | typeof SOURCE_END;
  /** Resolves when there may be something to read, or after `timeoutMs`; never blocks the thread's event loop. One wait at a time; `next` and `close` may come before it has resolved. */
  wait(timeoutMs: number): Promise<void>;
  /**
   * How many of the spans that `next` gave, from the first on, are done with: every sink of the lane has durably accepted all that it was given of them, and no asynchronous work of
   * `mapAsync` on them is pending. So far a source may commit: what lies behind is read again after a failure. Called after turns and while the lane waits, only where more have become
   * so, up to just before `close`; then it is the last word, also where the run has failed. It only takes note; a throw fails the run. Not called outside of a run.
   */
  acknowledge?(spans: number): void;
  /** Releases everything; after the sinks of the lane are closed, where it is in a run. May be called at any time, also while it waits. A second call does nothing. */
  close(): Promise<void>;
}
