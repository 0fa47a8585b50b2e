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
import type { RequestQueue } from './request-queue.ts';
import type { RequestSender } from './request-sender.ts';

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
 * A lane's end of a topic: makes records at once, and sends one request after another, each with all that has gathered meanwhile.
 *
 * Bounded: above `maxInFlightBytes` `write` gives a promise that holds the lane back. Acknowledged is what the brokers have acknowledged, always the first of what was given.
 */
export class KafkaWriter implements SinkWriter {
  readonly #producer: Producer;
  readonly #queue: RequestQueue;
  readonly #records: RecordMaker;
  readonly #sender: RequestSender;
  readonly #options: KafkaWriterOptions;
  #given: number;
  #acknowledged: number;
  #bytesWritten: number;
  #isSending: boolean;
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
    this.#options = options;
    this.#given = 0;
    this.#acknowledged = 0;
    this.#bytesWritten = 0;
    this.#isSending = false;
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
    if (this.#isSending || this.#queue.head === undefined || this.#failure !== undefined) return;
    if (this.#queue.isHeadFull || this.#isDraining) {
      void this.#sendAll();
      return;
    }
    this.#lingerTimer ??= setTimeout(() => {
      this.#lingerTimer = undefined;
      if (!this.#isSending) void this.#sendAll();
    }, this.#options.lingerMs);
  }

  /** Sends what there is until there is nothing; never rejects. */
  async #sendAll(): Promise<void> {
    this.#isSending = true;
    try {
      for (;;) {
        const { head } = this.#queue;
        if (head === undefined) break;
        this.#records.completeHead();
        this.#queue.closeHead();
        await this.#sender.send(head);
        this.#queue.shift();
        this.#acknowledged += head.count;
        this.#bytesWritten += head.bytes;
        this.#settleWaiters();
      }
    } catch (error) {
      this.#failure = { error };
      this.#queue.clear();
    }
    this.#isSending = false;
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
