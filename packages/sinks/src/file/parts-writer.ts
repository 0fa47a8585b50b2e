import { existsSync } from 'node:fs';

import {
  type Batch,
  isBatch,
  type SinkOutcome,
  type SinkReport,
  type SinkWriter,
} from '@sockflow/core';

import type { FileWriter } from '../encodings/encoding.ts';
import { SinkError } from '../errors.ts';
import type { FileSettings } from './file-settings.ts';
import { removedError, sinkErrorOf } from './io-error.ts';
import { KeptBatches } from './kept-batches.ts';
import type { Patience } from './patience.ts';

/** What is kept in memory until the part has it for good. */
const MAX_KEPT_BYTES = 8 * 1024 * 1024;

/** What a {@link PartsWriter} is told. */
export interface PartsWriterOptions {
  readonly settings: FileSettings;
  /** Where the output lies, for messages. */
  readonly location: string;
  readonly patience: Patience;
  /** Begins a part; synchronous, as a batch lives no longer than `write`. */
  readonly openPart: () => FileWriter;
  /** Of a series: all its names at once. */
  readonly glob?: string;
  /** After each part that was completed: removes what is kept no longer. */
  readonly afterPart?: () => Promise<void>;
}

const NOTHING_SYNCED = { events: 0, slots: 0, bytes: 0 };

/**
 * A sink's end in one lane whose files an encoding writes itself: a recording, or a series of them.
 *
 * Writing is synchronous; only fdatasync and the removal of old parts are not: tasks, done one after the other, while writing goes on. Acknowledged is what the
 * system took or, where the policy says so, what is on the disk. After a failure nothing is written any more or, where it is patient, the part goes on once it can, or another one
 * gets what of it was not acknowledged.
 */
export class PartsWriter implements SinkWriter {
  readonly #options: PartsWriterOptions;
  readonly #syncs: { readonly onSettle: boolean; readonly onEnd: boolean };
  #part: FileWriter | undefined;
  /** What of the part is on the disk. */
  #synced: { readonly events: number; readonly slots: number | undefined; readonly bytes: number };
  #canSync: boolean;
  /** Whether nothing more can be written to the part. */
  #isPartSpoilt: boolean;
  readonly #kept: KeptBatches;
  readonly #left: string[];
  /** While a failure is waited for. */
  #waiting: Promise<void> | undefined;
  readonly #ended: { acknowledged: number; bytes: number; parts: number };
  #given: number;
  #failure: { readonly error: unknown; isTold: boolean } | undefined;
  #tasks: Promise<void>;
  #isEnding: boolean;
  #flushTimer: NodeJS.Timeout | undefined;
  #partTimer: NodeJS.Timeout | undefined;
  #closing: Promise<SinkReport> | undefined;
  #isOver: boolean;
  #location: string;

  constructor(options: PartsWriterOptions) {
    const { fsync } = options.settings;
    this.#options = options;
    this.#syncs = { onSettle: fsync === 'interval' || fsync === 'batch', onEnd: fsync !== 'never' };
    this.#part = options.openPart();
    this.#synced = NOTHING_SYNCED;
    this.#canSync = true;
    this.#isPartSpoilt = false;
    this.#kept = new KeptBatches();
    this.#left = [];
    this.#waiting = undefined;
    this.#ended = { acknowledged: 0, bytes: 0, parts: 0 };
    this.#given = 0;
    this.#failure = undefined;
    this.#tasks = Promise.resolve();
    this.#isEnding = false;
    this.#flushTimer = undefined;
    this.#partTimer = undefined;
    this.#closing = undefined;
    this.#isOver = false;
    this.#location = this.#part.location;
  }

  get acknowledged(): number {
    const ofPart = this.#syncs.onSettle ? this.#synced.events : (this.#part?.acknowledged ?? 0);
    return this.#ended.acknowledged + ofPart;
  }

  get failed(): number {
    return this.#failure !== undefined || this.#isOver ? this.#given - this.acknowledged : 0;
  }

  write(input: unknown): Promise<void> | void {
    this.#throwIfClosed();
    this.#given += isBatch(input) ? input.size : 1;
    this.#throwFailure();
    // What is not taken, a value, is refused without an end to the file.
    if (!isBatch(input)) return this.#begunPart().write(input);
    if (this.#options.patience.isAsked) this.#kept.push(input);
    if (this.#waiting === undefined) this.#try(() => this.#give(input));
    this.#throwFailure();
    if (this.#waiting !== undefined) return this.#told(this.#waiting);
    return this.#afterWrite();
  }

  #give(batch: Batch): void {
    const part = this.#begunPart();
    if (!this.#options.patience.isAsked) {
      part.write(batch);
      return;
    }
    this.#kept.giveTo(part);
    if (!this.#syncs.onSettle && part.slotsWritten !== undefined)
      this.#kept.drop(part.slotsWritten);
  }

  #afterWrite(): Promise<void> | void {
    const part = this.#begunPart();
    const { fsync, rotateBytes } = this.#options.settings;
    const isFull = part.bytesWritten + part.pendingBytes >= rotateBytes;
    if (fsync === 'batch') return this.#told(isFull ? this.#endPart() : this.#flushNow());
    this.#scheduleFlush();
    if (isFull) return this.#endPart();
    if (this.#kept.bytes > MAX_KEPT_BYTES) return this.#told(this.#flushNow());
  }

  async flush(): Promise<void> {
    this.#throwIfClosed();
    this.#throwFailure();
    await this.#told(this.#flushed());
  }

  async #flushed(): Promise<void> {
    await this.#waiting;
    if (this.#failure === undefined) await this.#flushNow();
    await this.#waiting;
  }

  close(outcome: SinkOutcome = { isComplete: true }): Promise<SinkReport> {
    this.#closing ??= this.#close(outcome.isComplete);
    return this.#closing;
  }

  async #close(isComplete: boolean): Promise<SinkReport> {
    clearTimeout(this.#flushTimer);
    clearTimeout(this.#partTimer);
    const wasTold = this.#failure?.isTold === true;
    if (this.#failure === undefined) await this.#flushed();
    if (isComplete && this.#failure === undefined) await this.#endPart();
    await this.#waiting;
    await this.#closeUnfinished();
    this.#isOver = true;
    if (!wasTold) this.#throwFailure();
    const bytesWritten = this.#ended.bytes + (this.#part?.bytesWritten ?? 0);
    const warnings = this.#options.patience.warnings(this.#left);
    const told = warnings.length === 0 ? {} : { warnings };
    return { location: this.#location, bytesWritten, ...told };
  }

  /** After a failed write, what was written before still counts, where it can be put on the disk. */
  async #closeUnfinished(): Promise<void> {
    await this.#tasks;
    const part = this.#part;
    if (part === undefined) return;
    if (this.#syncs.onSettle && this.#canSync) await this.#sync().catch(() => {});
    this.#try(() => part.close({ isComplete: false, isSynced: false }));
    this.#location = part.location;
  }

  #begunPart(): FileWriter {
    this.#part ??= this.#options.openPart();
    const { rotateAfterMs } = this.#options.settings;
    if (rotateAfterMs !== Infinity) {
      this.#partTimer ??= setTimeout(() => {
        this.#partTimer = undefined;
        void this.#endPart();
      }, rotateAfterMs).unref();
    }
    return this.#part;
  }

  /**
   * Completes the part: the next write begins another. Without anything to wait for it is done at once. While a failure is waited for, and after one, it does nothing: the part has not
   * all that it was given.
   */
  #endPart(): Promise<void> | void {
    // First: a timer that fired while the part was ending would else never be set again.
    clearTimeout(this.#partTimer);
    this.#partTimer = undefined;
    if (this.#part === undefined || this.#isEnding || this.#isOver) return;
    if (this.#failure !== undefined || this.#waiting !== undefined) return this.#waiting;
    if (this.#syncs.onEnd) {
      this.#isEnding = true;
      return this.#queue(async () => {
        // Most of it without blocking the thread; what is appended meanwhile belongs to the part, too.
        this.#part?.flush();
        await this.#sync();
        this.#complete();
        this.#isEnding = false;
        await this.#options.afterPart?.();
      });
    }
    this.#try(() => this.#complete());
    const { afterPart } = this.#options;
    if (afterPart !== undefined) return this.#queue(afterPart);
  }

  #complete(): void {
    const part = this.#part;
    if (part === undefined) return;
    this.#checkIsThere(part);
    this.#isPartSpoilt = true;
    part.close({ isComplete: true, isSynced: this.#syncs.onEnd });
    this.#isPartSpoilt = false;
    this.#kept.startAnew(part.slotsTaken);
    this.#ended.acknowledged += part.acknowledged;
    this.#ended.bytes += part.bytesWritten;
    this.#ended.parts += 1;
    this.#part = undefined;
    this.#synced = NOTHING_SYNCED;
    this.#location =
      this.#ended.parts === 1 ? part.location : (this.#options.glob ?? part.location);
  }

  async #sync(): Promise<void> {
    const part = this.#part;
    if (part === undefined) return;
    const { acknowledged: events, bytesWritten: bytes } = part;
    const slots = writtenOf(part);
    try {
      await part.sync();
    } catch (error) {
      // A second fdatasync would report success for what the first one lost.
      this.#canSync = false;
      throw error;
    }
    this.#synced = { events, slots, bytes };
    if (this.#syncs.onSettle && slots !== undefined) this.#kept.drop(slots);
  }

  #flushNow(): Promise<void> | void {
    const part = this.#part;
    if (part === undefined) return;
    if (this.#waiting !== undefined) return this.#waiting;
    this.#try(() => {
      part.flush();
      this.#checkIsThere(part);
      if (!this.#syncs.onSettle) this.#kept.drop(part.slotsTaken);
    });
    if (this.#waiting !== undefined) return this.#waiting;
    if (this.#syncs.onSettle) return this.#queue(() => this.#sync());
  }

  #scheduleFlush(): void {
    this.#flushTimer ??= setTimeout(() => {
      this.#flushTimer = undefined;
      if (this.#failure === undefined && this.#waiting === undefined) void this.#flushNow();
    }, this.#options.settings.flushAfterMs).unref();
  }

  /** Writing to a file without a name goes on without an error, and nothing of it is ever found. */
  #checkIsThere(part: FileWriter): void {
    if (!existsSync(part.location)) throw removedError(part.location);
  }

  #try(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Ends it or, where that is asked for, waits and tries again: as a task, so that nothing else is under way. */
  #fail(cause: unknown): void {
    if (this.#failure !== undefined || this.#waiting !== undefined) return;
    const error = sinkErrorOf(cause, this.#options.location);
    if (!this.#options.patience.covers(error) || this.#isOver) {
      this.#failure = { error, isTold: false };
      return;
    }
    this.#waiting = this.#outlast(this.#tasks, error);
    this.#tasks = this.#waiting;
  }

  /** Never rejects. */
  async #outlast(before: Promise<void>, first: unknown): Promise<void> {
    await before;
    this.#isEnding = false;
    try {
      if (!this.#isLetGo()) throw first;
      await this.#options.patience.outlast(first, () => this.#tryAgain());
    } catch (error) {
      this.#failure ??= { error: sinkErrorOf(error, this.#options.location), isTold: false };
    }
    this.#waiting = undefined;
    // Its time may have come meanwhile: what goes on has a time again, also where nothing more is written.
    if (this.#failure === undefined && this.#part !== undefined) this.#begunPart();
  }

  async #tryAgain(): Promise<void> {
    try {
      const part = this.#begunPart();
      this.#kept.giveTo(part);
      part.flush();
      this.#checkIsThere(part);
      if (this.#syncs.onSettle) await this.#sync();
      else this.#kept.drop(part.slotsTaken);
    } catch (error) {
      if (!this.#isLetGo()) throw error;
      throw sinkErrorOf(error, this.#options.location);
    }
  }

  /**
   * A part whose write failed goes on. One that was removed or closed, or whose fdatasync failed, is given up: what of it is not acknowledged is for the next one.
   *
   * @returns whether it can be tried again
   */
  #isLetGo(): boolean {
    const part = this.#part;
    if (part === undefined) return true;
    const isThere = existsSync(part.location);
    if (isThere && !this.#isPartSpoilt && this.#canSync) return true;
    const { onSettle } = this.#syncs;
    const slots = onSettle ? this.#synced.slots : writtenOf(part);
    if (slots === undefined || (isThere && this.#options.glob === undefined)) return false;
    const { acknowledged, bytesWritten } = part;
    part.abandon(onSettle ? this.#synced.bytes : bytesWritten);
    this.#left.push(part.location);
    this.#ended.acknowledged += onSettle ? this.#synced.events : acknowledged;
    this.#ended.bytes += bytesWritten;
    this.#kept.startAnew(slots);
    this.#part = undefined;
    this.#synced = NOTHING_SYNCED;
    this.#canSync = true;
    this.#isPartSpoilt = false;
    return true;
  }

  /** Does a task after those before it; never rejects: a failure is told by whatever is called next. */
  #queue(task: () => Promise<void>): Promise<void> {
    this.#tasks = this.#after(this.#tasks, task);
    return this.#tasks;
  }

  async #after(before: Promise<void>, task: () => Promise<void>): Promise<void> {
    await before;
    if (this.#failure !== undefined || this.#waiting !== undefined) return;
    try {
      await task();
    } catch (error) {
      this.#fail(error);
    }
  }

  async #told(done: Promise<void> | void): Promise<void> {
    await done;
    this.#throwFailure();
  }

  #throwFailure(): void {
    if (this.#failure === undefined) return;
    this.#failure.isTold = true;
    throw this.#failure.error;
  }

  #throwIfClosed(): void {
    if (this.#closing === undefined) return;
    throw new SinkError(
      'ERR_SOCKFLOW_SINK_CLOSED',
      `${this.#options.location} was written to after it was closed`,
      { remedy: 'A sink is closed once, after the last write' },
    );
  }
}

/** Slots of the part that the system took, where they are the first ones. */
function writtenOf(part: FileWriter): number | undefined {
  return part.pendingBytes === 0 ? part.slotsTaken : part.slotsWritten;
}
