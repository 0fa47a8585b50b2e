import type { MessagePort } from 'node:worker_threads';

import type { Batch } from '../batch/batch.ts';
import type { Origin } from '../schema/origin.ts';

/** What a sink can be given. */
export type SinkInput = 'batches' | 'values' | 'both';

/**
 * Where events or derived values go. A pipeline module creates it in every thread that imports the module, so creating one must open nothing.
 *
 *   main thread:  prepare() once, before the lanes
 *   lane:         open() -> write()* -> flush() -> close()
 *   collector:    collect() beside the lanes, only of a sink that has it and where there are several lanes
 */
export interface Sink<T = unknown> {
  /** For messages and the summary: `file(out.ndjson)`. */
  readonly name: string;
  readonly accepts: SinkInput;
  /** What it writes to where no other sink of the run may: an absolute path. Two sinks with the same are refused, and one that is an input of the source. */
  readonly target?: string;
  /** What else it writes or removes, in some run: the names of its parts by lane, say. A sink whose `target` is among them is refused. */
  readonly otherTargets?: readonly string[];
  /** Where its `name` leads: the brokers of a topic, say. What was kept for one is not given to another of the same name. */
  readonly destination?: string;
  /** Main thread, before any lane starts: checks that the destination can be written, removes what an earlier run left under the same name and would pass for a part of this one. */
  prepare?(context: SinkPrepareContext): Promise<void> | void;
  /** In the lane's thread: one writer a lane, no locks between them. */
  open(context: SinkContext): Promise<SinkWriter<T>> | SinkWriter<T>;
  /**
   * The one end of all lanes, for a sink that puts together what they are given: asked once in a run of several lanes, before they open, in a thread of its own that has
   * imported the pipeline too. It settles when every port is closed; a rejection ends the run, and closes the ports that are open. What it resolves with is told beside what the
   * lanes' writers say.
   */
  collect?(context: SinkCollectContext): Promise<SinkReport>;
}

/** What a sink is told before any lane starts. */
export interface SinkPrepareContext {
  readonly lanes: number;
  /** As in {@link SinkContext}. */
  readonly warn?: (text: string) => void;
}

/** What a sink is told where it is opened: whose writer it makes. */
export interface SinkContext {
  readonly lane: number;
  readonly lanes: number;
  /** To the sink's `collect`, where it has one and there are several lanes. The writer closes it when it is closed; it closes by itself when either thread is gone. */
  readonly collector?: MessagePort;
  /** Tells whoever runs it, while it runs, what is not an error and should be known: a sentence, with a code where there is one. Not there outside a run. */
  readonly warn?: (text: string) => void;
  /** Whether the run is to end: its user stops it, or it has failed. Who waits for something asks while waiting, and then waits no more. Not there outside a run. */
  readonly isEnding?: () => boolean;
}

/** What a sink's `collect` is given. */
export interface SinkCollectContext {
  readonly lanes: number;
  /** To each lane's writer, by lane. One closes when its lane has closed the writer, has ended without one, or has died. */
  readonly ports: readonly MessagePort[];
}

/** A sink's end in one lane. A batch counts as its selected events, anything else as one. */
export interface SinkWriter<T = unknown> {
  /**
   * Takes the input: when it returns, nothing of a batch may be needed any more. A promise holds the lane back until it settles: until then it is called again
   * only for what the same batch still delivers, and for what operators deliver on their own time. A throw or a rejection ends the run.
   */
  write(input: Batch | T): Promise<void> | void;
  /** When it settles, all that was given is as durable as the sink promises. Where the sink collects, it may wait until the other lanes have come as far, or have flushed too. */
  flush(): Promise<void> | void;
  /**
   * Event time has passed in this lane: no event of that origin which the lane reads from now on is older than `timeUs`, us since boot. Called after each span, also where nothing of it was
   * selected; what operators hold back may still be older.
   */
  advanceTime?(origin: Origin, timeUs: number): void;
  /** The source has nothing to read at the moment. Called each time the lane goes to wait for it. */
  idle?(): void;
  /**
   * Flushes and releases everything; called once, after a failed write too; a second call settles and changes nothing. Where the outcome says that the run has failed, what was accepted must not pass for a
   * complete output, nor replace one; without an outcome the output is complete. Who writes nothing that could be mistaken so may ignore it.
   */
  close(outcome?: SinkOutcome): Promise<SinkReport> | SinkReport;
  /**
   * Events or values durably accepted so far: of those given, in their order, so many from the first on. What is accepted ahead of something earlier counts only when that is, too: a
   * source commits by this number, and what lies before it is not read again.
   */
  readonly acknowledged: number;
  /** Of a sink that keeps on disk what its destination does not take: events or values that went that way so far. It never decreases and is in no identity. */
  readonly spooled?: number;
  /** Events or values given and lost so far. */
  readonly failed: number;
}

/** What is known of a run when a lane closes its sinks. */
export interface SinkOutcome {
  /** Whether the run came to its end, or was stopped by its user; `false` where a lane or a sink has failed, or the run was aborted. */
  readonly isComplete: boolean;
}

/** What the summary says of a sink's writer. */
export interface SinkReport {
  /** Where its output lies, as a user would name it. */
  readonly location?: string;
  readonly bytesWritten?: number;
  /** What the user should know of the output, a sentence each. */
  readonly warnings?: readonly string[];
}
