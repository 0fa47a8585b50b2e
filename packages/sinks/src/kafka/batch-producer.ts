import type { CompressionAlgorithmValue, Connection, Producer } from '@platformatic/kafka';
import type { KafkaClient } from '@sockflow/kafka-client/client';

import { nativeLz4 } from './native-lz4.ts';
import { PRODUCE_VERSION, ProduceRequest } from './produce-request.ts';
import type { BatchCodec, ProducerStamp, RecordBatch } from './record-batch.ts';
import { Wires } from './wires.ts';

/** A leader that is none any more says so; then it is asked for anew. Until then each question would wait behind the requests that are on their way. */
const METADATA_AGE_MS = 5 * 60 * 1000;
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

/** Batches that are written. */
export interface SentBatches {
  /** Settles with the answers of all their leaders; those that are taken are marked as delivered, also where others fail. */
  readonly answered: Promise<void>;
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

/**
 * Sends record batches over the client's connections: it finds brokers, leaders and the producer's id, and logs in; what goes over the wire is ours.
 *
 * Sequence numbers are ours too: a batch keeps its own for as long as the producer has the same id, whatever is tried again. So a broker knows what it has already.
 */
export class BatchProducer {
  readonly #producer: Producer;
  readonly #options: BatchProducerOptions;
  readonly #codec: BatchCodec;
  readonly #wires: Wires;
  readonly #request: ProduceRequest;
  readonly #parse: (answer: Buffer) => ProduceAnswer;
  /** The next of each partition. */
  #sequences: number[];
  #stamps: WeakMap<RecordBatch, ProducerStamp>;
  /** Partitions that have taken something of the id. */
  #known: Set<number>;
  #id: { readonly producerId: bigint; readonly producerEpoch: number } | undefined;

  /** @param producer - that waits for no answer */
  constructor(client: KafkaClient, producer: Producer, options: BatchProducerOptions) {
    const { topic, acks, compression } = options;
    this.#producer = producer;
    this.#options = options;
    this.#codec = codecOf(client, compression);
    this.#wires = new Wires(producer);
    this.#request = new ProduceRequest(producer.clientId, topic, acks);
    this.#parse = parserOf(client);
    this.#sequences = [];
    this.#stamps = new WeakMap();
    this.#known = new Set();
    this.#id = undefined;
  }

  /**
   * Whether a batch may be sent to the partition before those that were sent there are answered. A broker that knows nothing of an id takes any sequence number from it: were the first batch
   * refused and the second one taken, the first would be out of order for ever.
   */
  isKnownIn(partition: number): boolean {
    return this.#known.has(partition);
  }

  /** Another id: what is sent again afterwards is new to the brokers. */
  async renewId(): Promise<void> {
    const { producerId, producerEpoch } = await this.#producer.initIdempotentProducer({});
    this.#id = { producerId, producerEpoch };
    this.#sequences = [];
    this.#stamps = new WeakMap();
    this.#known = new Set();
  }

  /**
   * At most one batch of a partition, all to their leaders at once. The next call when this one has resolved: then they are written, and stay in order, whenever they are answered.
   *
   * OWNERSHIP: the batches' memory is read until `answered` settles.
   */
  async begin(batches: readonly RecordBatch[]): Promise<SentBatches> {
    const { topic, isIdempotent } = this.#options;
    if (isIdempotent && this.#id === undefined) await this.renewId();
    const { topics } = await this.#producer.metadata({
      topics: [topic],
      metadataMaxAge: METADATA_AGE_MS,
    });
    const partitions = topics.get(topic)?.partitions ?? [];
    const byLeader = new Map<number, RecordBatch[]>();
    for (const batch of batches) {
      const leader = partitions[batch.partition]?.leader ?? -1;
      const group = byLeader.get(leader);
      if (group === undefined) byLeader.set(leader, [batch]);
      else group.push(batch);
    }
    const connections = await this.#producer.connectToBrokers([...byLeader.keys()]);
    const answers = [...byLeader].map(([leader, group]) =>
      this.#sendTo(connections.get(leader), group),
    );
    const answered = allSettled(answers);
    // Who waits for it hears of it; what is not waited for may fail.
    answered.catch(() => undefined);
    return { answered };
  }

  /** The same, and its answers. */
  async send(batches: readonly RecordBatch[]): Promise<void> {
    const { answered } = await this.begin(batches);
    await answered;
  }

  /** Written when this returns, whether or not it has failed. */
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
    const answer = await this.#wires
      .of(connection)
      .request((correlationId) => this.#request.parts(correlationId, sealed));
    try {
      this.#markDelivered(batches, this.#parse(answer));
      if (batches.some(({ isDelivered }) => !isDelivered))
        throw new Error('the broker has not answered for each partition');
    } catch (error) {
      const { response } = error as AnswerError;
      if (response === undefined) throw error;
      this.#markDelivered(batches, response);
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

  #markDelivered(batches: readonly RecordBatch[], { responses }: ProduceAnswer): void {
    for (const { partitionResponses } of responses) {
      for (const { index, errorCode } of partitionResponses) {
        if (errorCode !== 0 && errorCode !== DUPLICATE_SEQUENCE) continue;
        this.#known.add(index);
        for (const batch of batches) if (batch.partition === index) batch.isDelivered = true;
      }
    }
  }
}

async function allSettled(answers: readonly Promise<void>[]): Promise<void> {
  const settled = await Promise.allSettled(answers);
  const failed = settled.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

function codecOf(client: KafkaClient, compression: CompressionAlgorithmValue): BatchCodec {
  const { bitmask, compressSync } = client.compressionsAlgorithms[compression];
  const native = compression === 'lz4' ? nativeLz4() : undefined;
  return {
    bitmask,
    compress: compression === 'none' ? undefined : (native ?? compressSync),
    // As a plain buffer it would be copied first.
    crc32c: (bytes) => client.crc32c(client.Writer.create().append(bytes).dynamicBuffer),
  };
}

/** Of the client's: behind the correlation id are tags, none, and what it reads. */
function parserOf(client: KafkaClient): (answer: Buffer) => ProduceAnswer {
  const { parseResponse, key } = { ...client.produceV9, key: client.produceV9.api.key };
  return (answer) => parseResponse(0, key, PRODUCE_VERSION, client.Reader.from(answer.subarray(1)));
}
