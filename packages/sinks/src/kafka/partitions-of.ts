import type { Producer } from '@platformatic/kafka';
import {
  errorsWithin,
  type KafkaTask,
  kafkaRefusalOf,
  kafkaUnreachable,
} from '@sockflow/kafka-client';
import type { ConnectionTroubles } from '@sockflow/kafka-client/client';

/** Brokers that take the connection and say nothing are waited for so long. */
const ANSWER_TIMEOUT_MS = 10_000;
/** A topic that is being made is asked for again, for so long. */
const MAKING_TIMEOUT_MS = 15_000;
const RETRY_MS = 100;
const NO_PARTITIONS = 'the topic has no partitions yet';

/**
 * The number of a topic's partitions.
 *
 * @throws ERR_SOCKFLOW_KAFKA_TOPIC, ERR_SOCKFLOW_KAFKA_ACCESS, ERR_SOCKFLOW_KAFKA_UNREACHABLE
 */
export async function partitionsOf(
  producer: Producer,
  troubles: ConnectionTroubles,
  task: KafkaTask,
  mayMake: boolean,
): Promise<number> {
  const startMs = performance.now();
  for (;;) {
    try {
      return await ask(producer, task, mayMake);
    } catch (error) {
      const afterMs = performance.now() - startMs;
      const isBeingMade = mayMake && afterMs < MAKING_TIMEOUT_MS && isNotThereYet(error);
      const refusal = kafkaRefusalOf(error, task, troubles.last);
      if (!isBeingMade) throw refusal ?? kafkaUnreachable(task, afterMs, troubles.last ?? error);
    }
    await new Promise((resolve) => {
      setTimeout(resolve, RETRY_MS);
    });
  }
}

async function ask(producer: Producer, { topic }: KafkaTask, mayMake: boolean): Promise<number> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('no answer')), ANSWER_TIMEOUT_MS);
  });
  try {
    const asked = producer.metadata({
      topics: [topic],
      autocreateTopics: mayMake,
      forceUpdate: true,
    });
    const { topics } = await Promise.race([asked, silence]);
    const partitions = topics.get(topic)?.partitionsCount ?? 0;
    if (partitions > 0) return partitions;
    throw new Error(NO_PARTITIONS);
  } finally {
    clearTimeout(timer);
  }
}

function isNotThereYet(error: unknown): boolean {
  return errorsWithin(error).some(
    ({ apiId, message }) =>
      apiId === 'LEADER_NOT_AVAILABLE' ||
      apiId === 'UNKNOWN_TOPIC_OR_PARTITION' ||
      message.startsWith('Unknown topic') ||
      message === NO_PARTITIONS,
  );
}
