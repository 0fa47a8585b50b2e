import {
  isBatch,
  type SinkInput,
  type SinkOutcome,
  type SinkReport,
  type SinkWriter,
} from '@sockflow/core';

import { checkInput } from '../check-input.ts';
import { ByteOutput } from '../encodings/bytes/byte-output.ts';
import { type Chunk, countOfItems, endOfItems, itemsWithin } from '../encodings/bytes/chunk.ts';
import type { Encoder } from '../encodings/encoding.ts';
import { SinkError } from '../errors.ts';
import type { ByteTarget } from './byte-target.ts';

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
  /** Where it stays when it does not become complete; `location` where not given. */
  readonly unfinishedLocation?: string;
  /** After how long, at most, what was given is written even where it does not fill a chunk; 0: at once. */
  readonly flushAfterMs: number;
}

interface Waiter {
  readonly maxPendingBytes: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A sink's end in one lane: encodes at once, into recycled chunks, and writes them in order.
 *
 *   write() -> encoder -> chunks -> target, one write at a time
 *
 * A full chunk is written at once where the target can, while it is still in the processor's cache: half the cost of handing it to another thread. As soon as such a write
 * takes long (a disk that lags, a network file system) chunks queue up and are written in the background, so that the lane's event loop does not wait.
 *
 * Bounded: above 1 MiB of pending bytes `write` gives a promise that holds the lane back (one batch may go beyond). Acknowledged is what the system took
 * in whole items. After a failed write the torn last item is taken back, so that everything before stays readable; nothing is written any more.
 */
export class EncodedWriter implements SinkWriter {
  readonly #encoder: Encoder;
  readonly #target: ByteTarget;
  readonly #options: EncodedWriterOptions;
  readonly #out: ByteOutput;
  #queue: Chunk[];
  #queuedBytes: number;
  #waiters: Waiter[];
  #isPumping: boolean;
  #slowUntilMs: number;
  #timer: NodeJS.Timeout | undefined;
  #failure: { readonly error: unknown; isTold: boolean } | undefined;
  #closing: Promise<SinkReport> | undefined;
  #isOver: boolean;
  #given: number;
  #acknowledged: number;
  #bytesWritten: number;

  constructor(encoder: Encoder, target: ByteTarget, options: EncodedWriterOptions) {
    this.#encoder = encoder;
    this.#target = target;
    this.#options = options;
    this.#out = new ByteOutput((chunk) => this.#enqueue(chunk));
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#waiters = [];
    this.#isPumping = false;
    this.#slowUntilMs = 0;
    this.#timer = undefined;
    this.#failure = undefined;
    this.#closing = undefined;
    this.#isOver = false;
    this.#given = 0;
    this.#acknowledged = 0;
    this.#bytesWritten = 0;
    encoder.begin?.(this.#out);
  }

  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** What is still on its way has not failed: only after a failed write, or closed, is the rest lost. */
  get failed(): number {
    return this.#failure !== undefined || this.#isOver ? this.#given - this.#acknowledged : 0;
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
    this.#scheduleFlush();
    if (this.#queuedBytes > MAX_PENDING_BYTES) return this.#pendingBelow(MAX_PENDING_BYTES / 2);
  }

  async flush(): Promise<void> {
    this.#throwIfClosed();
    this.#throwFailure();
    this.#out.seal();
    await this.#pendingBelow(0);
  }

  close(outcome: SinkOutcome = { isComplete: true }): Promise<SinkReport> {
    this.#closing ??= this.#close(outcome);
    return this.#closing;
  }

  async #close({ isComplete }: SinkOutcome): Promise<SinkReport> {
    clearTimeout(this.#timer);
    try {
      await this.#finish(isComplete);
    } finally {
      this.#isOver = true;
    }
    const { location, unfinishedLocation = location } = this.#options;
    const isFinal = isComplete && this.#failure === undefined;
    return { location: isFinal ? location : unfinishedLocation, bytesWritten: this.#bytesWritten };
  }

  /** Whoever was not told of a failure by `write` or `flush` is told by `close`, after everything is released. */
  async #finish(isComplete: boolean): Promise<void> {
    const wasTold = this.#failure?.isTold === true;
    if (this.#failure === undefined) {
      this.#encoder.end?.(this.#out);
      this.#out.seal();
      await this.#pendingBelow(0).catch(() => {});
    }
    try {
      await this.#target.close(isComplete && this.#failure === undefined);
    } catch (error) {
      this.#failure ??= { error, isTold: false };
    }
    if (!wasTold) this.#throwFailure();
  }

  #enqueue(chunk: Chunk): void {
    if (!this.#isPumping && !this.#isSlow() && this.#target.writeNow !== undefined) {
      if (this.#failure === undefined) this.#writeNow(chunk);
      this.#out.release(chunk);
      return;
    }
    this.#queue.push(chunk);
    this.#queuedBytes += chunk.length;
    if (!this.#isPumping) void this.#pump();
  }

  #isSlow(): boolean {
    return this.#slowUntilMs > 0 && performance.now() < this.#slowUntilMs;
  }

  #writeNow(chunk: Chunk): void {
    const startMs = performance.now();
    let written = 0;
    try {
      while (written < chunk.length)
        written += this.#target.writeNow?.(chunk.bytes, written, chunk.length) ?? 0;
      this.#accept(chunk);
    } catch (error) {
      this.#refuse(chunk, written, error);
    }
    const endMs = performance.now();
    this.#slowUntilMs = endMs - startMs > SLOW_WRITE_MS ? endMs + BACKGROUND_MS : 0;
  }

  /** Writes chunks until there are none; never rejects. */
  async #pump(): Promise<void> {
    this.#isPumping = true;
    for (let chunk = this.#queue.shift(); chunk !== undefined; chunk = this.#queue.shift()) {
      if (this.#failure === undefined) await this.#writeChunk(chunk);
      this.#queuedBytes -= chunk.length;
      this.#out.release(chunk);
      this.#settleWaiters();
    }
    this.#isPumping = false;
  }

  async #writeChunk(chunk: Chunk): Promise<void> {
    let written = 0;
    try {
      while (written < chunk.length)
        written += await this.#target.write(chunk.bytes, written, this.#writeEnd(chunk, written));
      this.#accept(chunk);
    } catch (error) {
      this.#refuse(chunk, written, error);
    }
  }

  #accept(chunk: Chunk): void {
    this.#bytesWritten += chunk.length;
    this.#acknowledged += countOfItems(chunk, chunk.items);
  }

  #refuse(chunk: Chunk, written: number, error: unknown): void {
    const items = itemsWithin(chunk, written);
    const whole = endOfItems(chunk, items);
    this.#bytesWritten += whole;
    this.#acknowledged += countOfItems(chunk, items);
    this.#failure = { error, isTold: false };
    try {
      if (written > whole) this.#target.takeBack(written - whole);
    } catch {
      // Then the output ends with a torn item, after all whole ones.
    }
  }

  /** Where a write that starts at `start` ends: as many whole items as the target takes at once, at least one. */
  #writeEnd(chunk: Chunk, start: number): number {
    const limit = start + this.#target.maxWriteBytes;
    if (limit >= chunk.length) return chunk.length;
    const items = itemsWithin(chunk, limit);
    const end = endOfItems(chunk, items);
    return end > start ? end : endOfItems(chunk, items + 1);
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

  #scheduleFlush(): void {
    if (this.#out.pendingBytes === 0 || this.#timer !== undefined) return;
    if (this.#options.flushAfterMs === 0) {
      this.#out.seal();
      return;
    }
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#out.seal();
    }, this.#options.flushAfterMs).unref();
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
