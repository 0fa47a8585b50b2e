import { isSockflowError } from '@sockflow/core';
import {
  errorsWithin,
  type KafkaError,
  kafkaRefusalOf,
  type KafkaTask,
  kafkaUnreachable,
} from '@sockflow/kafka-client';

const FIRST_RETRY_MS = 50;
const MAX_RETRY_MS = 2000;

/** What the client calls final and what passes all the same: the group changes, or a topic's leader or its very name is not known everywhere yet. */
const PASSING = new Set([
  'UNKNOWN_MEMBER_ID',
  'ILLEGAL_GENERATION',
  'REBALANCE_IN_PROGRESS',
  'MEMBER_ID_REQUIRED',
  'OFFSET_OUT_OF_RANGE',
  'UNKNOWN_SERVER_ERROR',
  'BROKER_NOT_AVAILABLE',
  'INVALID_FETCH_SIZE',
]);
/** What is final only when it lasts: a topic that is being made, or made anew. */
const LASTING = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'UNKNOWN_TOPIC_ID']);

/** What to do about errors of the client: when to try again, and when to end with which error. One for each thing that is tried again and again. */
export class Outage {
  readonly #task: KafkaTask;
  readonly #unreachableAfterMs: number;
  #sinceMs: number | undefined;
  #retryMs: number;

  constructor(task: KafkaTask, unreachableAfterMs: number) {
    this.#task = task;
    this.#unreachableAfterMs = unreachableAfterMs;
    this.#sinceMs = undefined;
    this.#retryMs = FIRST_RETRY_MS;
  }

  get isOver(): boolean {
    return this.#sinceMs === undefined;
  }

  /** It worked. */
  end(): void {
    this.#sinceMs = undefined;
    this.#retryMs = FIRST_RETRY_MS;
  }

  /**
   * It did not.
   *
   * @returns how long to wait before the next try, ms
   * @throws what the run ends with: ERR_SOCKFLOW_KAFKA_ACCESS, _TOPIC, _REFUSED at once, _UNREACHABLE after its time
   */
  retryAfterMs(error: unknown): number {
    if (isSockflowError(error)) throw error;
    const nowMs = performance.now();
    this.#sinceMs ??= nowMs;
    const lastedMs = nowMs - this.#sinceMs;
    const isTooLong = lastedMs >= this.#unreachableAfterMs;
    if (!isPassing(error, isTooLong)) {
      const refusal: KafkaError | undefined = kafkaRefusalOf(error, this.#task);
      if (refusal !== undefined) throw refusal;
    }
    if (isTooLong) throw kafkaUnreachable(this.#task, lastedMs, error);
    const retryMs = this.#retryMs;
    this.#retryMs = Math.min(retryMs * 2, MAX_RETRY_MS);
    return retryMs;
  }
}

/** Whether an error of the client has one of these names of Kafka's. */
export function hasApiId(error: unknown, ids: ReadonlySet<string>): boolean {
  return errorsWithin(error).some(({ apiId }) => apiId !== undefined && ids.has(apiId));
}

function isPassing(error: unknown, isTooLong: boolean): boolean {
  if (hasApiId(error, PASSING)) return true;
  if (isTooLong) return false;
  // The client's own words where a partition has no leader at the moment, and where a topic or a partition is unknown.
  const isUnknown = errorsWithin(error).some(
    ({ code, message }) =>
      code === 'PLT_KFK_USER' &&
      /^(Unknown topic|Cannot find broker|Specified partition)/.test(message),
  );
  return isUnknown || hasApiId(error, LASTING);
}
