import type { Producer } from '@platformatic/kafka';
import {
  ConfigError,
  EVENT_FIELDS,
  type Sink,
  type SinkContext,
  type SinkWriter,
} from '@sockflow/core';
import {
  brokersText,
  type KafkaTask,
  kafkaRefusalOf,
  kafkaUnreachable,
} from '@sockflow/kafka-client';

import type { StreamEncoding } from '../encodings/encoding.ts';
import { msgpack } from '../encodings/msgpack/msgpack.ts';
import { ndjson } from '../encodings/ndjson/ndjson.ts';
import { closeProducer, createProducer, isIdempotent } from './kafka-client.ts';
import type { KafkaEncoding, KafkaOptions } from './kafka-options.ts';
import { KafkaWriter } from './kafka-writer.ts';

const LINGER_MS = 20;
const BATCH_BYTES = 512 * 1024;
const MAX_IN_FLIGHT_BYTES = 16 * 1024 * 1024;
const DELIVERY_TIMEOUT_MS = 120_000;

/** What a record has less than an item of the encoding: its line end. */
const TRIM_BYTES: Readonly<Record<KafkaEncoding, number>> = { json: 1, msgpack: 0 };

class KafkaSink implements Sink {
  readonly name: string;
  readonly accepts: Sink['accepts'];
  readonly #options: KafkaOptions;
  readonly #encoding: StreamEncoding;
  readonly #task: KafkaTask;

  constructor(options: KafkaOptions) {
    const { topic, encoding = 'json', fields } = options;
    this.name = `kafka(${topic})`;
    this.#encoding = (encoding === 'json' ? ndjson : msgpack)(
      fields === undefined ? {} : { fields },
    );
    this.accepts = this.#encoding.accepts;
    this.#options = options;
    this.#task = { topic, brokers: brokersText(options), operation: 'WRITE' };
  }

  /** Whether there is a broker that knows the topic: told before any lane starts. */
  async prepare(): Promise<void> {
    const producer = await createProducer(this.#options);
    try {
      await this.#partitionsOf(producer);
    } finally {
      await closeProducer(producer);
    }
  }

  async open(context: SinkContext): Promise<SinkWriter> {
    const producer = await createProducer(this.#options);
    const options = this.#options;
    const encoding = options.encoding ?? 'json';
    try {
      const partitions = await this.#partitionsOf(producer);
      return new KafkaWriter(producer, partitions, this.#encoding.createEncoder(), {
        sinkName: this.name,
        accepts: this.accepts,
        task: this.#task,
        key: options.key ?? 'connection',
        trimBytes: TRIM_BYTES[encoding],
        headers: new Map([[Buffer.from('sockflow-schema'), Buffer.from(schemaName(encoding))]]),
        lingerMs: options.lingerMs ?? LINGER_MS,
        batchBytes: options.batchBytes ?? BATCH_BYTES,
        // All lanes together keep what one would.
        maxInFlightBytes: (options.maxInFlightBytes ?? MAX_IN_FLIGHT_BYTES) / context.lanes,
        deliveryTimeoutMs: options.deliveryTimeoutMs ?? DELIVERY_TIMEOUT_MS,
      });
    } catch (error) {
      await closeProducer(producer);
      throw error;
    }
  }

  async #partitionsOf(producer: Producer): Promise<number> {
    const { topic, autoCreateTopic = false } = this.#options;
    const startMs = performance.now();
    try {
      const metadata = await producer.metadata({
        topics: [topic],
        autocreateTopics: autoCreateTopic,
      });
      return metadata.topics.get(topic)?.partitionsCount ?? 1;
    } catch (error) {
      const refusal = kafkaRefusalOf(error, this.#task);
      if (refusal !== undefined) throw refusal;
      throw kafkaUnreachable(this.#task, performance.now() - startMs, error);
    }
  }
}

function schemaName(encoding: KafkaEncoding): string {
  return `event-${encoding}/1 fields=${EVENT_FIELDS.length}`;
}

/**
 * A topic of Apache Kafka: one producer a lane, in the lane's thread. The client is `@platformatic/kafka`, which has to be installed.
 *
 * @throws ERR_SOCKFLOW_INVALID_OPTION, ERR_SOCKFLOW_UNKNOWN_NAME
 */
export function kafka(options: KafkaOptions): Sink {
  if (options.acks === 'leader' && isIdempotent(options)) {
    throw new ConfigError(
      'ERR_SOCKFLOW_INVALID_OPTION',
      "kafka: an idempotent producer needs acks 'all'",
      { remedy: 'Leave one of the two out', details: { option: 'acks' } },
    );
  }
  return new KafkaSink(options);
}
