import { SinkError, type SinkErrorCode } from '../errors.ts';

/** What we know of an error of the client, at whatever depth it holds it. */
interface ErrorFacts {
  readonly apiId?: string;
  readonly canRetry?: boolean;
  readonly message: string;
}

interface Finding {
  findBy?(property: string, value: unknown): ErrorFacts | null;
}

/** Errors of the protocol that no second try mends: code and remedy by their name. */
const REFUSALS: Readonly<Record<string, readonly [SinkErrorCode, string]>> = {
  MESSAGE_TOO_LARGE: [
    'ERR_SOCKFLOW_KAFKA_REFUSED',
    "Raise the topic's max.message.bytes, or write fewer fields",
  ],
  RECORD_LIST_TOO_LARGE: ['ERR_SOCKFLOW_KAFKA_REFUSED', 'Lower batchBytes'],
  INVALID_RECORD: ['ERR_SOCKFLOW_KAFKA_REFUSED', 'A compacted topic needs a key'],
  INVALID_TOPIC_EXCEPTION: ['ERR_SOCKFLOW_KAFKA_TOPIC', 'Choose a name that Kafka allows'],
  UNKNOWN_TOPIC_OR_PARTITION: [
    'ERR_SOCKFLOW_KAFKA_TOPIC',
    'Make the topic first, or set autoCreateTopic where the broker may',
  ],
  TOPIC_AUTHORIZATION_FAILED: ['ERR_SOCKFLOW_KAFKA_ACCESS', 'Give the user WRITE on the topic'],
  CLUSTER_AUTHORIZATION_FAILED: [
    'ERR_SOCKFLOW_KAFKA_ACCESS',
    'Give the user IDEMPOTENT_WRITE on the cluster, or set idempotent to false',
  ],
  SASL_AUTHENTICATION_FAILED: ['ERR_SOCKFLOW_KAFKA_ACCESS', 'Check user name and password'],
  UNSUPPORTED_SASL_MECHANISM: [
    'ERR_SOCKFLOW_KAFKA_ACCESS',
    'Choose a mechanism that the broker offers',
  ],
  UNSUPPORTED_COMPRESSION_TYPE: ['ERR_SOCKFLOW_KAFKA_REFUSED', 'Choose another compression'],
};

/** What can never succeed, as the error to end with; `undefined` where another try may. */
export function refusalOf(error: unknown, topic: string): SinkError | undefined {
  const find = (property: string, value: unknown): ErrorFacts | null | undefined =>
    (error as Finding).findBy?.(property, value);
  for (const [id, [code, remedy]] of Object.entries(REFUSALS)) {
    const found = find('apiId', id);
    if (found) return refused(code, id, topic, remedy, error);
  }
  if (find('code', 'PLT_KFK_AUTHENTICATION')) {
    const remedy = 'Check user name, password and mechanism';
    return refused('ERR_SOCKFLOW_KAFKA_ACCESS', 'authentication failed', topic, remedy, error);
  }
  if (find('code', 'PLT_KFK_USER')) {
    const message = error instanceof Error ? error.message : String(error);
    const isTopic = message.startsWith('Unknown topic');
    const [code, remedy] = isTopic
      ? (REFUSALS['UNKNOWN_TOPIC_OR_PARTITION'] as readonly [SinkErrorCode, string])
      : (['ERR_SOCKFLOW_KAFKA_REFUSED', 'See the cause'] as const);
    return refused(code, isTopic ? 'there is no such topic' : message, topic, remedy, error);
  }
  const fatal = find('canRetry', false);
  if (!fatal) return undefined;
  const what = fatal.apiId ?? fatal.message;
  return refused('ERR_SOCKFLOW_KAFKA_REFUSED', what, topic, "See the broker's log", error);
}

function refused(
  code: SinkErrorCode,
  what: string,
  topic: string,
  remedy: string,
  cause: unknown,
): SinkError {
  return new SinkError(code, `Kafka topic '${topic}': ${what}`, {
    cause,
    remedy,
    details: { topic },
  });
}

/** The brokers did not take anything for too long. */
export function unreachable(
  brokers: string,
  topic: string,
  afterMs: number,
  cause: unknown,
): SinkError {
  const seconds = Math.round(afterMs / 1000);
  return new SinkError(
    'ERR_SOCKFLOW_KAFKA_UNREACHABLE',
    `Kafka at ${brokers} has taken nothing for topic '${topic}' in ${seconds} s`,
    {
      cause,
      remedy:
        'Check that a broker runs there and can be reached, and what it advertises as its listeners',
      details: { brokers, topic, afterMs },
    },
  );
}
