import type { KafkaRecord, MessageToProduce, Producer } from '@platformatic/kafka';
import { kafkaClientOptions } from '@sockflow/kafka-client';
import type { KafkaClient } from '@sockflow/kafka-client/client';

import { closeClient } from './group-clients.ts';
import type { LanePartition } from './lane-partition.ts';
import { Outage } from './outage.ts';
import { sleep, within } from './sleep.ts';
import type { KafkaSourceSettings } from './source-options.ts';

/** Beyond so many bytes under way the lane reads no more until some are acknowledged. */
const MAX_PENDING_BYTES = 4 * 1024 * 1024;
const ACKS_ALL = -1;

interface Letter {
  readonly message: MessageToProduce;
  readonly partition: LanePartition;
  readonly offset: number;
  readonly bytes: number;
}

/** What the lane hears of them. */
export interface DeadLetterListener {
  /** So many are acknowledged by the brokers: their offsets may be committed. */
  acknowledged(letters: number): void;
  failed(error: unknown): void;
}

/**
 * Sends records that cannot be read as events to a topic of their own, one request at a time, tried until the brokers have acknowledged it (by all replicas that are in sync). The record
 * keeps value, key and headers; more headers say where it lay and why it is here. After a crash it may be there twice.
 */
export class DeadLetters {
  readonly #client: KafkaClient;
  readonly #settings: KafkaSourceSettings;
  readonly #topic: string;
  readonly #listener: DeadLetterListener;
  readonly #outage: Outage;
  #queue: Letter[];
  #pendingBytes: number;
  #producer: Producer | undefined;
  #running: Promise<void> | undefined;
  #isClosed: boolean;

  constructor(
    client: KafkaClient,
    settings: KafkaSourceSettings,
    topic: string,
    listener: DeadLetterListener,
  ) {
    this.#client = client;
    this.#settings = settings;
    this.#topic = topic;
    this.#listener = listener;
    this.#outage = new Outage(
      { ...settings.task, topic, operation: 'WRITE' },
      settings.unreachableAfterMs,
    );
    this.#queue = [];
    this.#pendingBytes = 0;
    this.#producer = undefined;
    this.#running = undefined;
    this.#isClosed = false;
  }

  get isFull(): boolean {
    return this.#pendingBytes >= MAX_PENDING_BYTES;
  }

  /** Takes a copy of the record that {@link LanePartition.peek} gave. Its offset is not committed before it is acknowledged. */
  put(record: KafkaRecord, partition: LanePartition, code: string, reason: string): void {
    const offset = partition.peekedOffset;
    partition.holdForDeadLetter(offset);
    const message = {
      topic: this.#topic,
      headers: headersOf(record, partition, offset, code, reason),
      ...(record.key === null ? {} : { key: Buffer.from(record.key) }),
      ...(record.value === null ? {} : { value: Buffer.from(record.value) }),
    } as MessageToProduce;
    this.#queue.push({ message, partition, offset, bytes: record.length });
    this.#pendingBytes += record.length;
    this.#running ??= this.#send().finally(() => {
      this.#running = undefined;
    });
  }

  /** Waits for those under way, for so long at most, and closes. */
  async close(timeoutMs: number): Promise<void> {
    if (this.#running !== undefined) await within(timeoutMs, this.#running);
    this.#isClosed = true;
    if (this.#producer !== undefined) await closeClient(this.#producer);
  }

  async #send(): Promise<void> {
    while (this.#queue.length > 0 && !this.#isClosed) {
      // Of this moment: more may come while it is under way.
      const letters = this.#queue.slice(0);
      try {
        this.#producer ??= this.#createProducer();
        await this.#producer.send({ messages: letters.map(({ message }) => message) });
        this.#outage.end();
        this.#queue = this.#queue.slice(letters.length);
        for (const { partition, offset, bytes } of letters) {
          partition.deadLetterIsAcknowledged(offset);
          this.#pendingBytes -= bytes;
        }
        this.#listener.acknowledged(letters.length);
      } catch (error) {
        if (!(await this.#mayRetry(error))) return;
      }
    }
  }

  #createProducer(): Producer {
    return new this.#client.Producer({
      ...kafkaClientOptions(this.#settings.connection),
      retries: 0,
      acks: ACKS_ALL,
      autocreateTopics: false,
    });
  }

  async #mayRetry(error: unknown): Promise<boolean> {
    try {
      await sleep(this.#outage.retryAfterMs(error));
      return true;
    } catch (final) {
      this.#listener.failed(final);
      return false;
    }
  }
}

/** All that the record had, and where and why. */
function headersOf(
  { headers }: KafkaRecord,
  { topic, index }: LanePartition,
  offset: number,
  code: string,
  reason: string,
): Map<Buffer, Buffer> {
  const all = new Map<Buffer, Buffer>();
  for (const [name, value] of headers) {
    if (name !== null) all.set(Buffer.from(name), Buffer.from(value ?? ''));
  }
  const own = { topic, partition: String(index), offset: String(offset), code, reason };
  for (const [name, value] of Object.entries(own)) {
    all.set(Buffer.from(`sockflow-dead-letter-${name}`), Buffer.from(value));
  }
  return all;
}
