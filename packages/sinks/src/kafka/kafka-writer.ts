import type { Producer } from '@platformatic/kafka';
import {
  isBatch,
  type SinkInput,
  type SinkOutcome,
  type SinkReport,
  type SinkWriter,
} from '@sockflow/core';
import type { KafkaTask } from '@sockflow/kafka-client';
import { closeClient } from '@sockflow/kafka-client/client';

import { checkInput } from '../check-input.ts';
import { SinkError } from '../errors.ts';
import type { RecordMaker } from './record-maker.ts';
import { RequestPipeline } from './request-pipeline.ts';
import type { RequestQueue } from './request-queue.ts';
import type { RequestSender } from './request-sender.ts';
import type { Request } from './request.ts';

/** How a lane writes to a topic. */
export interface KafkaWriterOptions {
  readonly sinkName: string;
  readonly accepts: SinkInput;
  readonly task: KafkaTask;
  readonly lingerMs: number;
  readonly maxInFlightBytes: number;
}

interface Waiter {
  readonly maxPendingBytes: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A lane's end of a topic: makes records at once, and sends requests, each with all that has gathered meanwhile; several are on their way at once where the producer is idempotent.
 *
 * Bounded: above `maxInFlightBytes` `write` gives a promise that holds the lane back. Acknowledged is what the brokers have acknowledged, always the first of what was given.
 */
export class KafkaWriter implements SinkWriter {
  readonly #producer: Producer;
  readonly #queue: RequestQueue;
  readonly #records: RecordMaker;
  readonly #sender: RequestSender;
  readonly #pipeline: RequestPipeline;
  readonly #options: KafkaWriterOptions;
  #given: number;
  #acknowledged: number;
  #bytesWritten: number;
  #isDraining: boolean;
  #lingerTimer: NodeJS.Timeout | undefined;
  #waiters: Waiter[];
  #failure: { readonly error: unknown } | undefined;
  #closing: Promise<SinkReport> | undefined;
  #isClosed: boolean;

  constructor(
    producer: Producer,
    queue: RequestQueue,
    records: RecordMaker,
    sender: RequestSender,
    options: KafkaWriterOptions,
  ) {
    this.#producer = producer;
    this.#queue = queue;
    this.#records = records;
    this.#sender = sender;
    this.#pipeline = new RequestPipeline(sender, {
      delivered: (request) => this.#delivered(request),
      mayGoOn: () => this.#goOn(),
      failed: (error) => this.#failed(error),
    });
    this.#options = options;
    this.#given = 0;
    this.#acknowledged = 0;
    this.#bytesWritten = 0;
    this.#isDraining = false;
    this.#lingerTimer = undefined;
    this.#waiters = [];
    this.#failure = undefined;
    this.#closing = undefined;
    this.#isClosed = false;
  }

  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** What is still on its way has not failed: only after a failure, or closed, is the rest lost. */
  get failed(): number {
    const isOver = this.#failure !== undefined || this.#isClosed;
    return isOver ? this.#given - this.#acknowledged : 0;
  }

  write(input: unknown): Promise<void> | void {
    this.#throwIfClosed();
    const isEvents = isBatch(input);
    this.#given += isEvents ? input.size : 1;
    this.#throwFailure();
    checkInput(this.#options.sinkName, this.#options.accepts, isEvents);
    this.#records.add(input);
    this.#sendSoon();
    const { maxInFlightBytes } = this.#options;
    if (this.#queue.pendingBytes > maxInFlightBytes)
      return this.#pendingBelow(maxInFlightBytes / 2);
  }

  flush(): Promise<void> {
    this.#throwIfClosed();
    return this.#drain();
  }

  close(outcome?: SinkOutcome): Promise<SinkReport> {
    this.#closing ??= this.#close(outcome);
    return this.#closing;
  }

  async #close(outcome: SinkOutcome | undefined): Promise<SinkReport> {
    if (outcome?.isComplete === false) this.#sender.loseHope();
    try {
      if (this.#failure === undefined) await this.#drain();
    } finally {
      clearTimeout(this.#lingerTimer);
      this.#isClosed = true;
      await closeClient(this.#producer, { isAtOnce: this.#failure !== undefined });
    }
    const { brokers, topic } = this.#options.task;
    return { location: `kafka://${brokers}/${topic}`, bytesWritten: this.#bytesWritten };
  }

  async #drain(): Promise<void> {
    this.#throwFailure();
    this.#isDraining = true;
    this.#sendSoon();
    try {
      await this.#pendingBelow(0);
    } finally {
      this.#isDraining = false;
    }
  }

  /** A full request goes at once, others when their time has come. */
  #sendSoon(): void {
    if (this.#sendFull() || this.#pipeline.underWay > 0 || this.#queue.next === undefined) return;
    if (this.#failure !== undefined) return;
    this.#lingerTimer ??= setTimeout(() => {
      this.#lingerTimer = undefined;
      if (this.#pipeline.underWay === 0) this.#sendNext();
    }, this.#options.lingerMs);
  }

  /** After an answer: what is full, and where nothing is on its way whatever has gathered meanwhile. */
  #goOn(): void {
    this.#sendFull();
    if (this.#pipeline.underWay === 0) this.#sendNext();
  }

  /** @returns whether one was sent */
  #sendFull(): boolean {
    let isSent = false;
    while ((this.#queue.isNextFull || this.#isDraining) && this.#sendNext()) isSent = true;
    return isSent;
  }

  /** @returns whether it was sent: there is one, and it may go */
  #sendNext(): boolean {
    const { next } = this.#queue;
    if (next === undefined || this.#failure !== undefined) return false;
    if (!this.#pipeline.mayStart(next)) return false;
    this.#records.complete(next);
    this.#queue.closeNext();
    this.#pipeline.start(next);
    return true;
  }

  #delivered({ count, bytes }: Request): void {
    this.#queue.shift();
    this.#acknowledged += count;
    this.#bytesWritten += bytes;
    this.#settleWaiters();
  }

  #failed(error: unknown): void {
    this.#failure = { error };
    this.#queue.clear();
    this.#settleWaiters();
  }

  #pendingBelow(maxPendingBytes: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiters.push({ maxPendingBytes, resolve, reject });
      this.#settleWaiters();
    });
  }

  #settleWaiters(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) {
      if (this.#failure !== undefined) waiter.reject(this.#failure.error);
      else if (this.#queue.pendingBytes <= waiter.maxPendingBytes) waiter.resolve();
      else this.#waiters.push(waiter);
    }
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
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
