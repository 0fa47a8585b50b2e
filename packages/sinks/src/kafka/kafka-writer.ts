import type { MessageToProduce, Producer } from '@platformatic/kafka';
import { isBatch, type SinkInput, type SinkReport, type SinkWriter } from '@sockflow/core';
import { type KafkaTask, kafkaRefusalOf, kafkaUnreachable } from '@sockflow/kafka-client';

import { checkInput } from '../check-input.ts';
import type { Encoder } from '../encodings/encoding.ts';
import { SinkError } from '../errors.ts';
import { closeProducer } from './kafka-client.ts';
import type { KafkaKey } from './kafka-options.ts';
import { partitionOfKey } from './murmur2.ts';
import { RecordSource } from './record-source.ts';

const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 5000;
/** What a record takes in a request besides key and value, about. */
const RECORD_OVERHEAD_BYTES = 70;

/** How a lane writes to a topic. */
export interface KafkaWriterOptions {
  readonly sinkName: string;
  readonly accepts: SinkInput;
  readonly task: KafkaTask;
  readonly key: KafkaKey;
  readonly trimBytes: number;
  readonly headers: ReadonlyMap<Buffer, Buffer>;
  readonly lingerMs: number;
  readonly batchBytes: number;
  readonly maxInFlightBytes: number;
  readonly deliveryTimeoutMs: number;
}

/** Records that go out together: at most `batchBytes` of each partition. */
interface Request {
  readonly records: MessageToProduce[];
  readonly partitionBytes: Map<number, number>;
  bytes: number;
  /** Events and values among them. */
  count: number;
}

interface Waiter {
  readonly maxPendingBytes: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A lane's end of a topic: encodes at once, and sends one request after another, each with all that has gathered meanwhile. So order within a partition holds whatever is tried again.
 *
 * Bounded: above `maxInFlightBytes` `write` gives a promise that holds the lane back. Acknowledged is what the broker has acknowledged.
 */
export class KafkaWriter implements SinkWriter {
  readonly #producer: Producer;
  readonly #options: KafkaWriterOptions;
  readonly #source: RecordSource;
  readonly #keys: Map<string, { readonly key: Buffer; readonly partition: number }>;
  #partitions: number;
  #nextPartition: number;
  #requests: Request[];
  #pendingBytes: number;
  #given: number;
  #acknowledged: number;
  #bytesWritten: number;
  #isSending: boolean;
  #isDraining: boolean;
  #lingerTimer: NodeJS.Timeout | undefined;
  #waiters: Waiter[];
  #failure: { readonly error: unknown } | undefined;
  #closing: Promise<SinkReport> | undefined;

  constructor(
    producer: Producer,
    partitions: number,
    encoder: Encoder,
    options: KafkaWriterOptions,
  ) {
    this.#producer = producer;
    this.#options = options;
    this.#source = new RecordSource(encoder, options.key, options.trimBytes, (value, key, count) =>
      this.#addRecord(value, key, count),
    );
    this.#keys = new Map();
    this.#partitions = partitions;
    this.#nextPartition = 0;
    this.#requests = [];
    this.#pendingBytes = 0;
    this.#given = 0;
    this.#acknowledged = 0;
    this.#bytesWritten = 0;
    this.#isSending = false;
    this.#isDraining = false;
    this.#lingerTimer = undefined;
    this.#waiters = [];
    this.#failure = undefined;
    this.#closing = undefined;
  }

  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** What is still on its way has not failed: only after a failure, or closed, is the rest lost. */
  get failed(): number {
    const isOver = this.#failure !== undefined || this.#closing !== undefined;
    return isOver ? this.#given - this.#acknowledged : 0;
  }

  write(input: unknown): Promise<void> | void {
    this.#throwIfClosed();
    this.#given += isBatch(input) ? input.size : 1;
    this.#throwFailure();
    checkInput(this.#options.sinkName, this.#options.accepts, isBatch(input));
    this.#source.add(input);
    this.#sendSoon();
    if (this.#pendingBytes > this.#options.maxInFlightBytes) {
      return this.#pendingBelow(this.#options.maxInFlightBytes / 2);
    }
  }

  async flush(): Promise<void> {
    this.#throwIfClosed();
    this.#throwFailure();
    this.#isDraining = true;
    this.#sendSoon();
    try {
      await this.#pendingBelow(0);
    } finally {
      this.#isDraining = false;
    }
  }

  close(): Promise<SinkReport> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<SinkReport> {
    clearTimeout(this.#lingerTimer);
    try {
      if (this.#failure === undefined) {
        this.#isDraining = true;
        this.#sendSoon();
        await this.#pendingBelow(0);
      }
    } finally {
      await closeProducer(this.#producer);
    }
    const { brokers, topic } = this.#options.task;
    return { location: `kafka://${brokers}/${topic}`, bytesWritten: this.#bytesWritten };
  }

  #addRecord(value: Uint8Array, keyText: string | undefined, count: 0 | 1): void {
    const { key, partition } = this.#placeOf(keyText);
    const bytes = value.length + (key?.length ?? 0) + RECORD_OVERHEAD_BYTES;
    const request = this.#requestFor(partition, bytes);
    request.records.push({
      topic: this.#options.task.topic,
      partition,
      // The chunk it lies in is used again.
      value: Buffer.from(value),
      headers: this.#options.headers as Map<Buffer, Buffer>,
      ...(key === undefined ? {} : { key }),
    });
    request.partitionBytes.set(partition, (request.partitionBytes.get(partition) ?? 0) + bytes);
    request.bytes += bytes;
    request.count += count;
    this.#pendingBytes += bytes;
  }

  #placeOf(text: string | undefined): {
    readonly key: Buffer | undefined;
    readonly partition: number;
  } {
    if (text === undefined) return { key: undefined, partition: this.#nextPartition };
    let place = this.#keys.get(text);
    if (place === undefined) {
      // Memory of its own: a key from Node's pool would keep all of its 8 KiB alive, beside values that are long gone.
      const key = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
      key.write(text);
      place = { key, partition: partitionOfKey(key, this.#partitions) };
      if (this.#keys.size >= 65_536) this.#keys.clear();
      this.#keys.set(text, place);
    }
    return place;
  }

  /** The last one where the partition still has room in it and it is not on its way. */
  #requestFor(partition: number, bytes: number): Request {
    const last = this.#requests.at(-1);
    const isOpen = last !== undefined && !(this.#isSending && this.#requests.length === 1);
    if (isOpen) {
      const taken = last.partitionBytes.get(partition) ?? 0;
      if (taken === 0 || taken + bytes <= this.#options.batchBytes) return last;
    }
    const request = { records: [], partitionBytes: new Map(), bytes: 0, count: 0 };
    this.#requests.push(request);
    this.#nextPartition = (this.#nextPartition + 1) % this.#partitions;
    return request;
  }

  /** A full request goes at once, others when their time has come. */
  #sendSoon(): void {
    if (this.#isSending || this.#requests.length === 0 || this.#failure !== undefined) return;
    const isFull =
      this.#requests.length > 1 || (this.#requests[0]?.bytes ?? 0) >= this.#options.batchBytes;
    if (isFull || this.#isDraining) {
      void this.#sendAll();
      return;
    }
    this.#lingerTimer ??= setTimeout(() => {
      this.#lingerTimer = undefined;
      if (!this.#isSending) void this.#sendAll();
    }, this.#options.lingerMs).unref();
  }

  /** Sends what there is until there is nothing, or too little to go at once; never rejects. */
  async #sendAll(): Promise<void> {
    this.#isSending = true;
    try {
      for (let request = this.#requests[0]; request !== undefined; request = this.#requests[0]) {
        await this.#send(request.records);
        this.#requests.shift();
        this.#acknowledged += request.count;
        this.#bytesWritten += request.bytes;
        this.#pendingBytes -= request.bytes;
        this.#settleWaiters();
      }
    } catch (error) {
      this.#failure = { error };
      this.#requests = [];
    }
    this.#isSending = false;
    this.#settleWaiters();
  }

  /** Until the broker has acknowledged all of it. @throws ERR_SOCKFLOW_KAFKA_... */
  async #send(messages: MessageToProduce[]): Promise<void> {
    const { task, deliveryTimeoutMs } = this.#options;
    const startMs = performance.now();
    for (let retryMs = FIRST_RETRY_MS; ; retryMs = Math.min(retryMs * 2, MAX_RETRY_MS)) {
      try {
        await this.#producer.send({ messages });
        return;
      } catch (error) {
        const refusal = kafkaRefusalOf(error, task);
        if (refusal !== undefined) throw refusal;
        const afterMs = performance.now() - startMs;
        if (afterMs > deliveryTimeoutMs) throw kafkaUnreachable(task, afterMs, error);
      }
      await new Promise((resolve) => {
        setTimeout(resolve, retryMs);
      });
    }
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
      else if (this.#pendingBytes <= waiter.maxPendingBytes) waiter.resolve();
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
