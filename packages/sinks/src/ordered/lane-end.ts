import type { MessagePort } from 'node:worker_threads';

import {
  isBatch,
  type Origin,
  type SinkOutcome,
  type SinkReport,
  type SinkWriter,
} from '@sockflow/core';

import { notTaken } from '../check-input.ts';
import { SinkError } from '../errors.ts';
import { Deferred } from './deferred.ts';
import { Outbox } from './outbox.ts';
import type { CollectorMessage, LaneMessage } from './protocol.ts';

/** What was given is sent at once where it is so much, */
const SEND_BYTES = 64 * 1024;
/** and else so soon: a message costs as much as some dozens of slots. */
const SEND_AFTER_MS = 5;

/** Settings of {@link LaneEnd}. */
export interface LaneEndOptions {
  /** For messages. */
  readonly sinkName: string;
  readonly limitBytes: number;
  readonly blockBytes: number;
  /** Of a collector in the same thread. */
  readonly beside?: LocalCollector;
}

/** A collector in the lane's own thread: what it failed with, and what it says at its end. */
export interface LocalCollector {
  readonly failure: () => unknown;
  readonly collected: Promise<SinkReport>;
}

/**
 * A lane's end of an ordered output: copies what it is given into shared memory, in the order of time, and says how late it is. What it and the collector owe each other is in protocol.ts.
 */
export class LaneEnd implements SinkWriter {
  readonly #port: MessagePort;
  readonly #options: LaneEndOptions;
  readonly #outbox: Outbox;
  readonly #opened: Deferred<void>;
  readonly #over: Deferred<void>;
  readonly #flushes: Map<number, Deferred<void>>;
  #timer: NodeJS.Timeout | undefined;
  #isIdle: boolean;
  /** Sent, and not given back (O4). */
  #outBytes: number;
  #limitBytes: number;
  #held: Deferred<void> | undefined;
  #failure: { readonly error: unknown } | undefined;
  #closing: Promise<SinkReport> | undefined;
  #isOver: boolean;
  #given: number;
  #acknowledged: number;

  constructor(port: MessagePort, options: LaneEndOptions) {
    this.#port = port;
    this.#options = options;
    this.#outbox = new Outbox(options.blockBytes);
    this.#opened = new Deferred();
    this.#over = new Deferred();
    this.#flushes = new Map();
    this.#timer = undefined;
    this.#isIdle = false;
    this.#outBytes = 0;
    this.#limitBytes = options.limitBytes;
    this.#held = undefined;
    this.#failure = undefined;
    this.#closing = undefined;
    this.#isOver = false;
    this.#given = 0;
    this.#acknowledged = 0;
    port.on('message', (message: CollectorMessage) => this.#receive(message));
    port.on('close', () => this.#fail('its thread has ended'));
  }

  /** Settles when the collector has opened the sink behind it. */
  get opened(): Promise<void> {
    return this.#opened.promise;
  }

  get acknowledged(): number {
    return this.#acknowledged;
  }

  get failed(): number {
    return this.#failure !== undefined || this.#isOver ? this.#given - this.#acknowledged : 0;
  }

  /** Shared memory that it has made. */
  get allocatedBytes(): number {
    return this.#outbox.allocatedBytes;
  }

  write(input: unknown): Promise<void> | void {
    this.#throwIfClosed();
    const batch = isBatch(input) ? input : undefined;
    this.#given += batch?.size ?? 1;
    if (this.#failure !== undefined) throw this.#failure.error;
    if (batch === undefined) throw notTaken(this.#options.sinkName, 'batches');
    this.#isIdle = false;
    this.#outbox.add(batch);
    this.#sendSoon();
    if (this.#isOverLimit()) {
      this.#send();
      return this.#hold();
    }
  }

  advanceTime(origin: Origin, timeUs: number): void {
    if (this.#failure !== undefined || this.#closing !== undefined) return;
    this.#outbox.setTime(origin, timeUs);
    if (this.#outbox.isEmpty) return;
    this.#isIdle = false;
    this.#sendSoon();
  }

  idle(): void {
    if (this.#isIdle || this.#failure !== undefined || this.#closing !== undefined) return;
    this.#isIdle = true;
    this.#send();
  }

  async flush(): Promise<void> {
    this.#throwIfClosed();
    if (this.#failure !== undefined) throw this.#failure.error;
    const flush = this.#flushes.size;
    const done = new Deferred<void>();
    this.#flushes.set(flush, done);
    this.#send({ flush });
    await done.promise;
  }

  close(outcome: SinkOutcome = { isComplete: true }): Promise<SinkReport> {
    this.#closing ??= this.#close(outcome);
    return this.#closing;
  }

  async #close({ isComplete }: SinkOutcome): Promise<SinkReport> {
    if (this.#failure === undefined) this.#send({ end: { isComplete } });
    else this.#over.resolve();
    await this.#over.promise;
    this.#isOver = true;
    this.#port.close();
    return this.#report();
  }

  /** Where the collector is in the same thread, what it says, or fails with in its last moment. */
  async #report(): Promise<SinkReport> {
    try {
      return (await this.#options.beside?.collected) ?? {};
    } catch (error) {
      if (this.#failure === undefined) throw error;
      return {};
    }
  }

  #isOverLimit(): boolean {
    return this.#outBytes + this.#outbox.bytes > this.#limitBytes;
  }

  #hold(): Promise<void> {
    this.#held ??= new Deferred();
    return this.#held.promise;
  }

  #sendSoon(): void {
    if (this.#outbox.bytes >= SEND_BYTES) {
      this.#send();
      return;
    }
    this.#timer ??= setTimeout(() => this.#send(), SEND_AFTER_MS).unref();
  }

  #send(more: Pick<LaneMessage, 'flush' | 'end'> = {}): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#failure !== undefined) return;
    this.#outBytes += this.#outbox.bytes;
    const message: LaneMessage = { ...this.#outbox.take(), isIdle: this.#isIdle, ...more };
    this.#port.postMessage(message);
  }

  #receive(message: CollectorMessage): void {
    this.#acknowledged = message.acknowledged;
    this.#limitBytes = message.limitBytes;
    const { freed } = message;
    for (let index = 0; index < freed.length; index += 2) {
      const [block = 0, words = 0] = [freed[index], freed[index + 1]];
      this.#outbox.free(block, words);
      this.#outBytes -= words * 4;
    }
    if (message.failure !== undefined) this.#fail(message.failure);
    if (message.isOpen === true) this.#opened.resolve();
    if (message.flushed !== undefined) this.#flushes.get(message.flushed)?.resolve();
    if (message.isOver === true) this.#over.resolve();
    if (this.#held === undefined || this.#isOverLimit()) return;
    this.#held.resolve();
    this.#held = undefined;
  }

  /** Whoever waits is told. A lane that is closing has nothing to lose but what was not acknowledged. */
  #fail(why: string): void {
    if (this.#closing !== undefined) {
      this.#over.resolve();
      return;
    }
    if (this.#failure !== undefined) return;
    const error = this.#options.beside?.failure() ?? this.#gone(why);
    this.#failure = { error };
    clearTimeout(this.#timer);
    for (const waiting of [this.#opened, this.#held, ...this.#flushes.values()])
      waiting?.reject(error);
    this.#held = undefined;
  }

  #gone(why: string): SinkError {
    const { sinkName } = this.#options;
    return new SinkError(
      'ERR_SOCKFLOW_SINK_COLLECTOR',
      `the one writer of all lanes of ${sinkName} has failed: ${why}`,
      { remedy: 'Look for what the writer itself says', details: { sink: sinkName } },
    );
  }

  #throwIfClosed(): void {
    if (this.#closing === undefined) return;
    throw new SinkError(
      'ERR_SOCKFLOW_SINK_CLOSED',
      `${this.#options.sinkName} was written to after it was closed`,
      { remedy: 'A sink is closed once, after the last write' },
    );
  }
}
