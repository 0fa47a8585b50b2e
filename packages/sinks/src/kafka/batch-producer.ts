import type { CompressionAlgorithmValue, Connection, Producer } from '@platformatic/kafka';
import type { KafkaClient } from '@sockflow/kafka-client/client';

import type { BatchCodec, ProducerStamp, RecordBatch } from './record-batch.ts';

/* Version 9 of Produce is in every broker from 2.8 to 4.x. Later ones add transactions, and leaders in the answer. */
const PRODUCE_KEY = 0;
const PRODUCE_VERSION = 9;
/** How long the leader waits for its followers. */
const ACKS_TIMEOUT_MS = 30_000;
/** The broker had it already: of an earlier try whose answer did not come. */
const DUPLICATE_SEQUENCE = 46;

const NO_STAMP: ProducerStamp = { producerId: -1n, producerEpoch: -1, sequence: -1 };

/** How batches are produced. */
export interface BatchProducerOptions {
  readonly topic: string;
  readonly acks: 1 | -1;
  readonly compression: CompressionAlgorithmValue;
  readonly isIdempotent: boolean;
}

interface PartitionAnswer {
  readonly index: number;
  readonly errorCode: number;
}
interface ProduceAnswer {
  readonly responses: readonly { readonly partitionResponses: readonly PartitionAnswer[] }[];
}
/** The client throws an answer that has an error in it. */
interface AnswerError {
  readonly response?: ProduceAnswer;
}

type Produce = (connection: Connection, batches: readonly SealedBatch[]) => Promise<ProduceAnswer>;
interface SealedBatch {
  readonly partition: number;
  readonly bytes: Buffer;
}

/**
 * Sends record batches over the client's connections: it finds brokers, leaders and the producer's id, and logs in; what goes over the wire is ours.
 *
 * Sequence numbers are ours too: a batch keeps its own for as long as the producer has the same id, whatever is tried again. So a broker knows what it has already.
 */
export class BatchProducer {
  readonly #producer: Producer;
  readonly #options: BatchProducerOptions;
  readonly #codec: BatchCodec;
  readonly #produce: Produce;
  /** The next of each partition. */
  #sequences: number[];
  #stamps: WeakMap<RecordBatch, ProducerStamp>;
  #id: { readonly producerId: bigint; readonly producerEpoch: number } | undefined;

  constructor(client: KafkaClient, producer: Producer, options: BatchProducerOptions) {
    this.#producer = producer;
    this.#options = options;
    this.#codec = codecOf(client, options.compression);
    this.#produce = produceOf(client, options);
    this.#sequences = [];
    this.#stamps = new WeakMap();
    this.#id = undefined;
  }

  /** Another id: what is sent again afterwards is new to the brokers. */
  async renewId(): Promise<void> {
    const { producerId, producerEpoch } = await this.#producer.initIdempotentProducer({});
    this.#id = { producerId, producerEpoch };
    this.#sequences = [];
    this.#stamps = new WeakMap();
  }

  /** At most one batch of a partition, all to their leaders at once; those that are taken are marked as delivered, also where others fail. One call at a time. */
  async send(batches: readonly RecordBatch[]): Promise<void> {
    const { topic, isIdempotent } = this.#options;
    if (isIdempotent && this.#id === undefined) await this.renewId();
    const { topics } = await this.#producer.metadata({ topics: [topic] });
    const partitions = topics.get(topic)?.partitions ?? [];
    const byLeader = new Map<number, RecordBatch[]>();
    for (const batch of batches) {
      const leader = partitions[batch.partition]?.leader ?? -1;
      const group = byLeader.get(leader);
      if (group === undefined) byLeader.set(leader, [batch]);
      else group.push(batch);
    }
    const connections = await this.#producer.connectToBrokers([...byLeader.keys()]);
    const sent = await Promise.allSettled(
      [...byLeader].map(([leader, group]) => this.#sendTo(connections.get(leader), group)),
    );
    const failed = sent.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  async #sendTo(
    connection: Connection | undefined,
    batches: readonly RecordBatch[],
  ): Promise<void> {
    // No leader now: that passes, with newer metadata.
    if (connection === undefined) throw new Error('a partition has no leader');
    const sealed = batches.map((batch) => ({
      partition: batch.partition,
      bytes: batch.seal(this.#stampOf(batch), this.#codec),
    }));
    try {
      const answer = await this.#produce(connection, sealed);
      markDelivered(batches, answer);
    } catch (error) {
      const { response } = error as AnswerError;
      if (response === undefined) throw error;
      markDelivered(batches, response);
      if (batches.some(({ isDelivered }) => !isDelivered)) throw error;
    }
  }

  #stampOf(batch: RecordBatch): ProducerStamp {
    if (this.#id === undefined) return NO_STAMP;
    let stamp = this.#stamps.get(batch);
    if (stamp === undefined) {
      const sequence = this.#sequences[batch.partition] ?? 0;
      this.#sequences[batch.partition] = sequence + batch.records;
      stamp = { ...this.#id, sequence };
      this.#stamps.set(batch, stamp);
    }
    return stamp;
  }
}

function markDelivered(batches: readonly RecordBatch[], { responses }: ProduceAnswer): void {
  for (const { partitionResponses } of responses) {
    for (const { index, errorCode } of partitionResponses) {
      if (errorCode !== 0 && errorCode !== DUPLICATE_SEQUENCE) continue;
      for (const batch of batches) if (batch.partition === index) batch.isDelivered = true;
    }
  }
}

function codecOf(client: KafkaClient, compression: CompressionAlgorithmValue): BatchCodec {
  const { bitmask, compressSync } = client.compressionsAlgorithms[compression];
  return {
    bitmask,
    compress: compression === 'none' ? undefined : compressSync,
    // As a plain buffer it would be copied first.
    crc32c: (bytes) => client.crc32c(client.Writer.create().append(bytes).dynamicBuffer),
  };
}

/**
 *   Produce request, version 9: transactional id (null), acks, timeout, topics; a topic: name, partitions; a partition: index, records; each with tags behind it (none)
 */
function produceOf(client: KafkaClient, { topic, acks }: BatchProducerOptions): Produce {
  const create = (batches: readonly SealedBatch[]): InstanceType<KafkaClient['Writer']> =>
    client.Writer.create()
      .appendString(null)
      .appendInt16(acks)
      .appendInt32(ACKS_TIMEOUT_MS)
      .appendArray([topic], (writer, name) => {
        writer.appendString(name).appendArray([...batches], (inner, { partition, bytes }) => {
          inner.appendInt32(partition).appendBytes(bytes);
        });
      })
      .appendTaggedFields();
  const { parseResponse } = client.produceV9;
  return client.createAPI<[readonly SealedBatch[]], ProduceAnswer>(
    PRODUCE_KEY,
    PRODUCE_VERSION,
    create,
    parseResponse,
  ).async;
}
