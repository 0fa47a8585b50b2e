import type { Producer } from '@platformatic/kafka';
import {
  errorsWithin,
  type KafkaError,
  type KafkaTask,
  kafkaRefusalOf,
  kafkaUnreachable,
} from '@sockflow/kafka-client';
import { type ConnectionTroubles, dropConnections } from '@sockflow/kafka-client/client';

import type { BatchProducer, SentBatches } from './batch-producer.ts';
import type { RecordBatch } from './record-batch.ts';
import type { Request } from './request.ts';

const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 5000;
const LOOK_MS = 100;
/** How long a run that is to end waits for brokers that take nothing. */
const ENDING_PATIENCE_MS = 30_000;
/** The same where it has failed. */
const FAILED_PATIENCE_MS = 500;
/** A topic may be unknown for a while to a broker that has just started. */
const UNKNOWN_TOPIC_MS = 5000;
/** After so long without an answer whoever runs it is told, once for each such time. */
const TELL_AFTER_MS = 5000;
/** Sequence numbers of an idempotent producer are 31 bits: a producer with another id starts over. */
const RENEW_AFTER_RECORDS = 2 ** 30;
const SEQUENCE_ERRORS = new Set([
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
  'INVALID_PRODUCER_EPOCH',
  'INVALID_PRODUCER_ID_MAPPING',
]);

/** How requests are sent. */
export interface RequestSenderOptions {
  readonly task: KafkaTask;
  readonly deliveryTimeoutMs: number;
  readonly isIdempotent: boolean;
  readonly isEnding: () => boolean;
  readonly warn: (text: string) => void;
  /** For tests. */
  readonly renewAfterRecords?: number;
}

/**
 * Sends requests and tries again what failed. A try that failed in part is tried again with the rest only. What the broker has of a try that seemed to fail, an idempotent producer does not
 * write twice: sequence numbers are as before.
 *
 * One after another (`send`), or one behind others that are not answered yet (`begin`): what then fails is sent again one after another.
 */
export class RequestSender {
  readonly #producer: Producer;
  readonly #batches: BatchProducer;
  readonly #troubles: ConnectionTroubles;
  readonly #options: RequestSenderOptions;
  #progressMs: number;
  #recordsOfId: number;
  #isIdLost: boolean;
  #hasRunFailed: boolean;
  /** The time without an answer that was told of last. */
  #toldOfMs: number | undefined;

  constructor(
    producer: Producer,
    batches: BatchProducer,
    troubles: ConnectionTroubles,
    options: RequestSenderOptions,
  ) {
    this.#producer = producer;
    this.#batches = batches;
    this.#troubles = troubles;
    this.#options = options;
    this.#progressMs = 0;
    this.#recordsOfId = 0;
    this.#isIdLost = false;
    this.#hasRunFailed = false;
    this.#toldOfMs = undefined;
  }

  /** The run has failed: what does not get through at once is given up. */
  loseHope(): void {
    this.#hasRunFailed = true;
  }

  /** Whether the request may be sent while others are not answered: brokers then keep the order, and tell what they have. */
  mayFollow(request: Request): boolean {
    const { isIdempotent, renewAfterRecords = RENEW_AFTER_RECORDS } = this.#options;
    if (!isIdempotent || this.#isIdLost) return false;
    if (this.#recordsOfId + recordsIn(request.batches) > renewAfterRecords) return false;
    return request.partitionBytes.every(
      (bytes, partition) => bytes === 0 || this.#batches.isKnownIn(partition),
    );
  }

  /**
   * One try. @param isAlone - nothing else is on its way
   *
   * @returns once it is written; `answered` settles with its answers
   */
  async begin(request: Request, isAlone: boolean): Promise<SentBatches> {
    if (isAlone) this.#progressMs = Math.max(this.#progressMs, request.openedMs);
    if (this.#isIdLost) await this.#renewId();
    await this.#renewIdInTime(request.batches);
    const { answered } = await this.#inTime(this.#batches.begin(request.batches));
    return { answered: this.#progress(answered) };
  }

  /** Until the brokers have acknowledged all of it. @throws ERR_SOCKFLOW_KAFKA_... */
  async send(request: Request): Promise<void> {
    try {
      const { answered } = await this.begin(request, true);
      await answered;
    } catch (error) {
      await this.sendRest(request, error);
    }
  }

  /**
   * What failed of a request, until the brokers have acknowledged all of it; nothing else is on its way. @param error - why it failed; `undefined` where that is known of one before it
   *
   * @throws ERR_SOCKFLOW_KAFKA_...
   */
  async sendRest(request: Request, error: unknown): Promise<void> {
    let failure = error;
    let rest = this.#restOf(request.batches);
    for (let retryMs = FIRST_RETRY_MS; rest.length > 0; retryMs = nextRetryMs(retryMs)) {
      if (failure !== undefined) {
        this.#prepareRetry(failure);
        this.#tellOfSilence();
        await this.#pause(retryMs);
      }
      try {
        if (this.#isIdLost) await this.#renewId();
        await this.#progress(this.#batches.send(rest));
        return;
      } catch (again) {
        failure = again;
        rest = this.#restOf(rest);
      }
    }
  }

  async #progress(answered: Promise<void>): Promise<void> {
    await this.#inTime(answered);
    this.#progressMs = performance.now();
  }

  /** @throws what ends the run */
  #prepareRetry(error: unknown): void {
    const { task } = this.#options;
    const facts = errorsWithin(error);
    if (facts.some(({ apiId }) => apiId !== undefined && SEQUENCE_ERRORS.has(apiId))) {
      this.#startOver(error);
      return;
    }
    const refusal = kafkaRefusalOf(error, task, this.#troubles.last);
    if (refusal !== undefined && !this.#mayPass(refusal)) throw refusal;
    this.#throwIfTooLate(error);
    this.#producer.clearMetadata();
    // Whatever is still to come on them belongs to a try that is over.
    if (facts.every(({ apiId }) => apiId === undefined)) dropConnections(this.#producer);
  }

  #mayPass(refusal: KafkaError): boolean {
    return (
      refusal.code === 'ERR_SOCKFLOW_KAFKA_TOPIC' &&
      performance.now() - this.#progressMs < UNKNOWN_TOPIC_MS
    );
  }

  /** The broker has lost what it knew of this producer's sequence: another one writes on. What was written and not acknowledged is written twice: up to five requests. */
  #startOver(error: unknown): void {
    this.#throwIfTooLate(error);
    this.#isIdLost = true;
    this.#options.warn(
      `Kafka topic '${this.#options.task.topic}': the broker does not know this producer's sequence any more; records that were not acknowledged may be there twice`,
    );
  }

  async #renewIdInTime(batches: readonly RecordBatch[]): Promise<void> {
    const { isIdempotent, renewAfterRecords = RENEW_AFTER_RECORDS } = this.#options;
    if (!isIdempotent) return;
    const records = recordsIn(batches);
    if (this.#recordsOfId > 0 && this.#recordsOfId + records > renewAfterRecords) {
      await this.#renewId();
    }
    this.#recordsOfId += records;
  }

  async #renewId(): Promise<void> {
    await this.#inTime(this.#batches.renewId());
    this.#isIdLost = false;
    this.#recordsOfId = 0;
  }

  /** Settles as `attempt` does, or rejects when time is up: the client's own time-outs are longer, and do not know of a run that ends. */
  #inTime<T>(attempt: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setInterval(() => {
        this.#tellOfSilence();
        if (this.#isTooLate()) reject(this.#tooLate(new Error('a request was not answered')));
      }, LOOK_MS);
      attempt.then(resolve, reject).finally(() => clearInterval(timer));
      // Rejected above, the attempt may still be open: closing the producer ends it.
    });
  }

  #tellOfSilence(): void {
    const silentMs = performance.now() - this.#progressMs;
    if (silentMs < TELL_AFTER_MS || this.#toldOfMs === this.#progressMs) return;
    this.#toldOfMs = this.#progressMs;
    const { task, warn, deliveryTimeoutMs } = this.#options;
    const why = kafkaUnreachable(task, silentMs, this.#troubles.last).message;
    warn(`${why}; tried again for ${Math.round(deliveryTimeoutMs / 1000)} s in all`);
  }

  async #pause(ms: number): Promise<void> {
    const endMs = performance.now() + ms;
    for (let leftMs = ms; leftMs > 0 && !this.#isTooLate(); leftMs = endMs - performance.now()) {
      await new Promise((resolve) => {
        setTimeout(resolve, Math.min(leftMs, LOOK_MS));
      });
    }
  }

  #throwIfTooLate(error: unknown): void {
    if (this.#isTooLate()) throw this.#tooLate(error);
  }

  #isTooLate(): boolean {
    return performance.now() - this.#progressMs > this.#patienceMs();
  }

  #patienceMs(): number {
    const { deliveryTimeoutMs, isEnding } = this.#options;
    if (this.#hasRunFailed) return Math.min(deliveryTimeoutMs, FAILED_PATIENCE_MS);
    return isEnding() ? Math.min(deliveryTimeoutMs, ENDING_PATIENCE_MS) : deliveryTimeoutMs;
  }

  #tooLate(cause: unknown): KafkaError {
    if ((cause as Partial<KafkaError>).code === 'ERR_SOCKFLOW_KAFKA_UNREACHABLE')
      return cause as KafkaError;
    const because = this.#troubles.last ?? cause;
    return kafkaUnreachable(this.#options.task, performance.now() - this.#progressMs, because);
  }

  /** What a failed try has not delivered: a leader may have taken its share, and then no second one may get it. */
  #restOf(batches: readonly RecordBatch[]): readonly RecordBatch[] {
    const rest = batches.filter(({ isDelivered }) => !isDelivered);
    if (rest.length < batches.length) this.#progressMs = performance.now();
    return rest;
  }
}

function recordsIn(batches: readonly RecordBatch[]): number {
  return batches.reduce((sum, { records }) => sum + records, 0);
}

function nextRetryMs(retryMs: number): number {
  return Math.min(retryMs * 2, MAX_RETRY_MS);
}
