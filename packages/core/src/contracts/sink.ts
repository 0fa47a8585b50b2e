import type { Batch } from '../batch/batch.ts';

/** What a sink can be given. */
export type SinkInput = 'batches' | 'values' | 'both';

/**
 * Where events or derived values go. A pipeline module creates it in every thread that imports the module, so creating one must open nothing.
 *
 *   main thread:  prepare() once, before the lanes
 *   lane:         open() -> write()* -> flush() -> close()
 */
export interface Sink<T = unknown> {
  /** For messages and the summary: `file(out.ndjson)`. */
  readonly name: string;
  readonly accepts: SinkInput;
  /** What it writes to where no other sink of the run may: an absolute path. Two sinks with the same are refused, and one that is an input of the source. */
  readonly target?: string;
  /** What else it writes or removes, in some run: the names of its parts by lane, say. A sink whose `target` is among them is refused. */
  readonly otherTargets?: readonly string[];
  /** Main thread, before any lane starts: checks that the destination can be written, removes what an earlier run left under the same name and would pass for a part of this one. */
  prepare?(context: { readonly lanes: number }): Promise<void> | void;
  /** In the lane's thread: one writer a lane, no locks between them. */
  open(context: SinkContext): Promise<SinkWriter<T>> | SinkWriter<T>;
}

/** What a sink is told where it is opened: whose writer it makes. */
export interface SinkContext {
  readonly lane: number;
  readonly lanes: number;
}

/** A sink's end in one lane. A batch counts as its selected events, anything else as one. */
export interface SinkWriter<T = unknown> {
  /**
   * Takes the input: when it returns, nothing of a batch may be needed any more. A promise holds the lane back until it settles: until then it is called again
   * only for what the same batch still delivers, and for what operators deliver on their own time. A throw or a rejection ends the run.
   */
  write(input: Batch | T): Promise<void> | void;
  /** When it settles, all that was given is as durable as the sink promises. */
  flush(): Promise<void> | void;
  /**
   * Flushes and releases everything; called once, after a failed write too; a second call settles and changes nothing. Where the outcome says that the run has failed, what was accepted must not pass for a
   * complete output, nor replace one; without an outcome the output is complete. Who writes nothing that could be mistaken so may ignore it.
   */
  close(outcome?: SinkOutcome): Promise<SinkReport> | SinkReport;
  /** Events or values durably accepted so far. */
  readonly acknowledged: number;
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
}
