import type { Producer } from '@platformatic/kafka';
import type { Sink, SinkContext, SinkPrepareContext, SinkWriter } from '@sockflow/core';
import { brokerList, brokersText, type KafkaTask, type RecordSchema } from '@sockflow/kafka-client';
import { closeClient, ConnectionTroubles, importKafkaClient } from '@sockflow/kafka-client/client';

import type { StreamEncoding } from '../encodings/encoding.ts';
import { chosenFields } from '../encodings/event-code/event-fields.ts';
import { msgpack } from '../encodings/msgpack/msgpack.ts';
import { ndjson } from '../encodings/ndjson/ndjson.ts';
import { BatchProducer } from './batch-producer.ts';
import { createProducer, isIdempotent } from './kafka-client.ts';
import type { KafkaOptions } from './kafka-options.ts';
import { checkKafkaOptions, type KafkaNumbers } from './kafka-settings.ts';
import { KafkaWriter } from './kafka-writer.ts';
import { PackedRecords } from './packed-records.ts';
import { partitionsOf } from './partitions-of.ts';
import { Places } from './places.ts';
import type { RecordMaker } from './record-maker.ts';
import { RequestQueue } from './request-queue.ts';
import { RequestSender } from './request-sender.ts';
import { SingleRecords } from './single-records.ts';

const ENCODINGS = { json: ndjson, msgpack } as const;
/** What a record has less than an item of the encoding: its line end. */
const TRIM_BYTES = { json: 1, msgpack: 0 } as const;

class KafkaSink implements Sink {
  readonly name: string;
  readonly accepts: Sink['accepts'];
  readonly destination: string;
  readonly #options: KafkaOptions;
  readonly #numbers: KafkaNumbers;
  readonly #task: KafkaTask;
  /** Of single records. */
  readonly #encoding: StreamEncoding | undefined;

  constructor(options: KafkaOptions) {
    const { topic, encoding = 'json', fields } = options;
    this.#numbers = checkKafkaOptions(options);
    this.#encoding =
      encoding === 'slots'
        ? undefined
        : ENCODINGS[encoding](fields === undefined ? {} : { fields });
    this.name = `kafka(${topic})`;
    this.accepts = this.#encoding?.accepts ?? 'batches';
    this.destination = brokerList(options).toSorted().join(',');
    this.#options = options;
    this.#task = { topic, brokers: brokersText(options), operation: 'WRITE' };
  }

  /** Whether there is a broker that knows the topic: told before any lane starts. */
  async prepare(_context?: SinkPrepareContext): Promise<void> {
    const { producer, troubles } = await this.#connect();
    try {
      await this.#partitionsOf(producer, troubles);
    } finally {
      await closeClient(producer, { isAtOnce: true });
    }
  }

  async open(context: SinkContext): Promise<SinkWriter> {
    const { producer, troubles } = await this.#connect();
    try {
      const partitions = await this.#partitionsOf(producer, troubles);
      const queue = new RequestQueue(partitions, this.#numbers.batchBytes);
      const { deliveryTimeoutMs, lingerMs, maxInFlightBytes } = this.#numbers;
      const sender = new RequestSender(producer, await this.#batchProducer(producer), troubles, {
        task: this.#task,
        deliveryTimeoutMs,
        isIdempotent: isIdempotent(this.#options),
        isEnding: context.isEnding ?? (() => false),
        warn: context.warn ?? (() => undefined),
      });
      return new KafkaWriter(
        producer,
        queue,
        this.#recordsFor(queue, partitions, context),
        sender,
        {
          sinkName: this.name,
          accepts: this.accepts,
          task: this.#task,
          lingerMs,
          // All lanes together keep what one would.
          maxInFlightBytes: maxInFlightBytes / context.lanes,
        },
      );
    } catch (error) {
      await closeClient(producer, { isAtOnce: true });
      throw error;
    }
  }

  async #batchProducer(producer: Producer): Promise<BatchProducer> {
    const { topic, acks, compression = 'none' } = this.#options;
    return new BatchProducer(await importKafkaClient(), producer, {
      topic,
      acks: acks === 'leader' ? 1 : -1,
      compression,
      isIdempotent: isIdempotent(this.#options),
    });
  }

  #recordsFor(queue: RequestQueue, partitions: number, context: SinkContext): RecordMaker {
    const { topic, key = 'connection' } = this.#options;
    const { batchBytes, maxRecordBytes } = this.#numbers;
    const places = new Places(key, partitions);
    const { lane, lanes } = context;
    const common = { partitions, lane, lanes };
    if (this.#encoding === undefined) {
      const packBytes = Math.min(batchBytes, maxRecordBytes);
      return new PackedRecords(queue, places, { ...common, maxRecordBytes: packBytes });
    }
    return new SingleRecords(queue, this.#encoding.createEncoder(), places, {
      ...common,
      ...this.#singleForm(),
      topic,
      maxRecordBytes,
    });
  }

  #singleForm(): {
    readonly trimBytes: number;
    readonly schemas: Readonly<Record<'event' | 'marker' | 'value', RecordSchema>>;
  } {
    const { encoding, fields } = this.#options;
    const form = encoding === 'msgpack' ? 'msgpack' : 'json';
    const isRenamed =
      fields !== undefined && chosenFields(fields).some(({ field, name }) => field !== name);
    return {
      trimBytes: TRIM_BYTES[form],
      schemas: {
        // With other names it is none that a reader of events knows.
        event: isRenamed ? `value-${form}/1` : `event-${form}/1`,
        marker: `marker-${form}/1`,
        value: `value-${form}/1`,
      },
    };
  }

  async #connect(): Promise<{ producer: Producer; troubles: ConnectionTroubles }> {
    const producer = await createProducer(this.#options);
    return { producer, troubles: new ConnectionTroubles(producer) };
  }

  #partitionsOf(producer: Producer, troubles: ConnectionTroubles): Promise<number> {
    const { autoCreateTopic = false } = this.#options;
    return partitionsOf(producer, troubles, this.#task, autoCreateTopic);
  }
}

/**
 * A topic of Apache Kafka: one producer a lane, in the lane's thread. The client is `@platformatic/kafka`, which has to be installed.
 *
 * @throws ERR_SOCKFLOW_INVALID_OPTION, ERR_SOCKFLOW_UNKNOWN_NAME
 */
export function kafka(options: KafkaOptions): Sink {
  return new KafkaSink(options);
}
