import {
  isBatch,
  type SinkInput,
  type SinkOutcome,
  type SinkReport,
  type SinkWriter,
} from '@sockflow/core';

import { checkInput } from '../check-input.ts';
import { ByteOutput } from '../encodings/bytes/byte-output.ts';
import type { Chunk } from '../encodings/bytes/chunk.ts';
import type { Encoder } from '../encodings/encoding.ts';
import { SinkError } from '../errors.ts';
import type { Patience } from '../file/patience.ts';
import type { ByteTarget } from './byte-target.ts';
import { ChunkWriter } from './chunk-writer.ts';

/** Encoded bytes that may wait to be written before the lane is held back. */
const MAX_PENDING_BYTES = 1024 * 1024;
/** A write at once that takes longer than this is waiting for something: the next ones are made in the background. */
const SLOW_WRITE_MS = 5;
const BACKGROUND_MS = 1000;

/** What a writer says of itself, and how long it may keep what it was given. */
export interface EncodedWriterOptions {
  /** For messages. */
  readonly sinkName: string;
  readonly accepts: SinkInput;
  /** Where the output lies, for messages and the summary. */
  readonly location: string;
  /** After how long, at most, what was given is written even where it does not fill a chunk; 0: at once. */
  readonly flushAfterMs: number;
  /** What waits for the target where it fails, if that is asked for. */
  readonly patience?: Patience;
  /** Whether each input is written and settled before the next is taken. */
  readonly settlesEachInput?: boolean;
}

/** What is done in order, in the background: a chunk to write; everything before to settle; the part to end. */
type Step = Chunk | 'settle' | 'endPart';

interface Waiter {
  readonly maxPendingBytes: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A sink's end in one lane: encodes at once, into recycled chunks, and writes them in order.
 *
 *   write() -> encoder -> chunks -> ChunkWriter -> target, one write at a time
 *
 * A full chunk is written at once where the target can, while it is still in the processor's cache: half the cost of handing it to another thread. As soon as such a write
 * takes long (a disk that lags, a network file system) chunks queue up and are written in the background, so that the lane's event loop does not wait.
 *
 * Bounded: above 1 MiB of pending bytes `write` gives a promise that holds the lane back (one batch may go beyond). Acknowledged is what the target accepted,
 * in whole items. After a failure nothing is written any more.
 */
export class EncodedWriter implements SinkWriter {
  readonly #encoder: Encoder;
  readonly #target: ByteTarget;
  readonly #options: EncodedWriterOptions;
  readonly #out: ByteOutput;
  readonly #chunks: ChunkWriter;
  #queue: Step[];
  /** Bytes in the queue; a step that is no chunk weighs 1. */
  #queuedBytes: number;
  #waiters: Waiter[];
  #isPumping: boolean;
  #slowUntilMs: number;
  #flushTimer: NodeJS.Timeout | undefined;
  #partTimer: NodeJS.Timeout | undefined;
  #failure: { readonly error: unknown; isTold: boolean } | undefined;
  #closing: Promise<SinkReport> | undefined;
  #isOver: boolean;
  #given: number;

  constructor(encoder: Encoder, target: ByteTarget, options: EncodedWriterOptions) {
    this.#encoder = encoder;
    this.#target = target;
    this.#options = options;
    this.#out = new ByteOutput((chunk) => this.#enqueue(chunk));
    this.#chunks = new ChunkWriter(encoder, target, {
      isPatient: options.patience?.isAsked ?? false,
      release: (chunk) => this.#out.release(chunk),
    });
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#waiters = [];
    this.#isPumping = false;
    this.#slowUntilMs = 0;
    this.#flushTimer = undefined;
    this.#partTimer = undefined;
    this.#failure = undefined;
    this.#closing = undefined;
    this.#isOver = false;
    this.#given = 0;
  }

  get acknowledged(): number {
    return this.#chunks.acknowledged;
  }

  /** What is still on its way has not failed: only after a failure, or closed, is the rest lost. */
  get failed(): number {
    return this.#failure !== undefined || this.#isOver ? this.#given - this.acknowledged : 0;
  }

  write(input: unknown): Promise<void> | void {
    this.#throwIfClosed();
    const batch = isBatch(input) ? input : undefined;
    this.#given += batch?.size ?? 1;
    this.#throwFailure();
    checkInput(this.#options.sinkName, this.#options.accepts, batch !== undefined);
    if (batch === undefined) this.#encoder.encodeValue(input, this.#out);
    else this.#encoder.encodeBatch(batch, this.#out);
    this.#throwFailure();
    if (this.#options.settlesEachInput === true) return this.flush();
    this.#scheduleFlush();
    if (this.#queuedBytes > MAX_PENDING_BYTES) return this.#pendingBelow(MAX_PENDING_BYTES / 2);
  }

  async flush(): Promise<void> {
    this.#throwIfClosed();
    this.#throwFailure();
    this.#flushNow();
    await this.#pendingBelow(0);
  }

  close(outcome: SinkOutcome = { isComplete: true }): Promise<SinkReport> {
    this.#closing ??= this.#close(outcome);
    return this.#closing;
  }

  async #close({ isComplete }: SinkOutcome): Promise<SinkReport> {
    clearTimeout(this.#flushTimer);
    clearTimeout(this.#partTimer);
    try {
      await this.#finish(isComplete);
    } finally {
      this.#isOver = true;
    }
    const { location = this.#options.location, bytesWritten, leftPaths } = this.#chunks;
    const warnings = this.#options.patience?.warnings(leftPaths) ?? [];
    return { location, bytesWritten, ...(warnings.length === 0 ? {} : { warnings }) };
  }

  /** Whoever was not told of a failure by `write` or `flush` is told by `close`, after everything is released. */
  async #finish(isComplete: boolean): Promise<void> {
    const wasTold = this.#failure?.isTold === true;
    if (this.#failure === undefined) {
      this.#flushNow();
      await this.#pendingBelow(0).catch(() => {});
    } else {
      // Whole items that were written before a write failed still count, where they can be settled.
      await this.#chunks.settle().catch(() => {});
    }
    try {
      await this.#chunks.close(isComplete, this.#failure !== undefined);
    } catch (error) {
      this.#failure ??= { error, isTold: false };
    }
    if (!wasTold) this.#throwFailure();
  }

  #enqueue(chunk: Chunk): void {
    if (this.#failure !== undefined) this.#out.release(chunk);
    else if (!this.#isPumping && !this.#isSlow() && this.#writeNow(chunk)) this.#out.release(chunk);
    else this.#push(chunk);
  }

  #push(step: Step): void {
    this.#queue.push(step);
    this.#queuedBytes += weightOf(step);
    if (!this.#isPumping) void this.#pump();
  }

  #isSlow(): boolean {
    return this.#slowUntilMs > 0 && performance.now() < this.#slowUntilMs;
  }

  /** @returns whether the chunk is done with: written, or a write of it has failed */
  #writeNow(chunk: Chunk): boolean {
    const startMs = performance.now();
    try {
      if (!this.#chunks.writeNow(chunk)) return false;
      this.#schedulePartEnd();
    } catch (error) {
      this.#failure = { error, isTold: false };
    }
    const endMs = performance.now();
    this.#slowUntilMs = endMs - startMs > SLOW_WRITE_MS ? endMs + BACKGROUND_MS : 0;
    return true;
  }

  /** Does steps until there are none; never rejects. */
  async #pump(): Promise<void> {
    this.#isPumping = true;
    for (let step = this.#queue.shift(); step !== undefined; step = this.#queue.shift()) {
      // Once it is written a chunk may be another one's.
      const weight = weightOf(step);
      if (this.#failure === undefined) await this.#do(step);
      else if (typeof step === 'object') this.#out.release(step);
      this.#queuedBytes -= weight;
      this.#settleWaiters();
    }
    this.#isPumping = false;
    this.#schedulePartEnd();
  }

  async #do(step: Step): Promise<void> {
    try {
      if (typeof step === 'object') await this.#chunks.write(step);
      await this.#finishStep(step);
    } catch (error) {
      await this.#outlast(step, error);
    }
  }

  async #finishStep(step: Step): Promise<void> {
    if (step === 'endPart') await this.#chunks.endPart();
    // What several wait for is done once, for all of them.
    const isAsked = step === 'settle' && !this.#queue.includes('settle');
    if (isAsked || this.#chunks.isSettlingDue) await this.#chunks.settle();
  }

  /** Meanwhile steps queue up, and the lane is held back. */
  async #outlast(step: Step, first: unknown): Promise<void> {
    const { patience } = this.#options;
    try {
      if (patience?.covers(first) !== true) throw first;
      await this.#chunks.letGo();
      await patience.outlast(first, () => this.#tryAgain(step));
    } catch (error) {
      this.#failure = { error, isTold: false };
    }
  }

  async #tryAgain(step: Step): Promise<void> {
    try {
      await this.#chunks.resume();
      await this.#finishStep(step);
    } catch (error) {
      await this.#chunks.letGo();
      throw error;
    }
  }

  #pendingBelow(maxPendingBytes: number): Promise<void> {
    if (this.#queuedBytes <= maxPendingBytes && this.#failure === undefined)
      return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiters.push({ maxPendingBytes, resolve, reject });
      if (!this.#isPumping) this.#settleWaiters();
    });
  }

  #settleWaiters(): void {
    if (this.#waiters.length === 0) return;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) {
      if (this.#failure !== undefined) {
        this.#failure.isTold = true;
        waiter.reject(this.#failure.error);
      } else if (this.#queuedBytes <= waiter.maxPendingBytes) {
        waiter.resolve();
      } else {
        this.#waiters.push(waiter);
      }
    }
  }

  #flushNow(): void {
    this.#encoder.flush?.(this.#out);
    this.#out.seal();
    if (this.#target.settling !== undefined && (this.#isPumping || this.#chunks.isUnsettled))
      this.#push('settle');
  }

  #scheduleFlush(): void {
    if (this.#flushTimer !== undefined) return;
    const pendingBytes = this.#out.pendingBytes + (this.#encoder.pendingBytes ?? 0);
    if (pendingBytes === 0 && !this.#isPumping && !this.#chunks.isUnsettled) return;
    if (this.#options.flushAfterMs === 0) {
      this.#flushNow();
      return;
    }
    this.#flushTimer = setTimeout(() => {
      this.#flushTimer = undefined;
      this.#flushNow();
    }, this.#options.flushAfterMs).unref();
  }

  /** A part that is over by time ends also where nothing more comes. */
  #schedulePartEnd(): void {
    const dueAtMs = this.#chunks.partDueAtMs;
    if (dueAtMs === Infinity || this.#partTimer !== undefined || this.#closing !== undefined)
      return;
    const waitMs = Math.max(1, Math.ceil(dueAtMs - performance.now()));
    this.#partTimer = setTimeout(() => {
      this.#partTimer = undefined;
      if (performance.now() < this.#chunks.partDueAtMs) return this.#schedulePartEnd();
      this.#out.seal();
      this.#push('endPart');
    }, waitMs).unref();
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

function weightOf(step: Step): number {
  return typeof step === 'object' ? step.length : 1;
}
