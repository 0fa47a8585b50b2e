import { errorsWithin, type KafkaErrorFacts } from './error-facts.ts';
import { KafkaError, type KafkaErrorCode } from './errors.ts';

/** What the client was to do, for the message and the remedy. */
export interface KafkaTask {
  readonly topic: string;
  readonly brokers: string;
  /** What it needs a right for: an operation as ACLs name it. */
  readonly operation: 'READ' | 'WRITE';
  readonly group?: string;
}

type Refusal = readonly [code: KafkaErrorCode, what: string, remedy: string];

const TOPIC_MISSING: Refusal = [
  'ERR_SOCKFLOW_KAFKA_TOPIC',
  'there is no such topic',
  'Make the topic first; as a sink, autoCreateTopic (create-topic=true) makes it where the brokers allow that',
];

/** Errors of the protocol that no second try mends. */
const REFUSALS: Readonly<Record<string, Refusal>> = {
  MESSAGE_TOO_LARGE: [
    'ERR_SOCKFLOW_KAFKA_REFUSED',
    'a batch of records is larger than the topic allows',
    "Raise the topic's max.message.bytes, or lower batchBytes",
  ],
  RECORD_LIST_TOO_LARGE: [
    'ERR_SOCKFLOW_KAFKA_REFUSED',
    'a batch of records is larger than a segment of the topic',
    "Raise the topic's segment.bytes, or lower batchBytes",
  ],
  INVALID_RECORD: [
    'ERR_SOCKFLOW_KAFKA_REFUSED',
    'the broker calls a record invalid',
    'A compacted topic needs a key',
  ],
  INVALID_TOPIC_EXCEPTION: [
    'ERR_SOCKFLOW_KAFKA_TOPIC',
    'Kafka allows no such name',
    'Use letters, digits, full stops, dashes and underlines, at most 249',
  ],
  UNKNOWN_TOPIC_OR_PARTITION: TOPIC_MISSING,
  UNKNOWN_TOPIC_ID: TOPIC_MISSING,
  SASL_AUTHENTICATION_FAILED: [
    'ERR_SOCKFLOW_KAFKA_ACCESS',
    'the brokers refuse user name or password',
    'Check user name, password and mechanism',
  ],
  UNSUPPORTED_SASL_MECHANISM: [
    'ERR_SOCKFLOW_KAFKA_ACCESS',
    'the brokers do not offer this SASL mechanism',
    'Choose a mechanism that the listener has enabled',
  ],
  ILLEGAL_SASL_STATE: [
    'ERR_SOCKFLOW_KAFKA_ACCESS',
    'the listener expects no SASL here',
    'Name the port of a SASL listener, or leave sasl out',
  ],
  UNSUPPORTED_COMPRESSION_TYPE: [
    'ERR_SOCKFLOW_KAFKA_REFUSED',
    'the topic does not take this compression',
    'Choose another compression',
  ],
  CLUSTER_AUTHORIZATION_FAILED: [
    'ERR_SOCKFLOW_KAFKA_ACCESS',
    'the user has no right to do this in the cluster',
    'Give the user IDEMPOTENT_WRITE on the cluster, or set idempotent to false',
  ],
};

/* TLS's own errors: of Node (certificates) and of OpenSSL (alerts). */
const UNTRUSTED =
  /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_(GET_ISSUER_CERT(_LOCALLY)?|VERIFY_LEAF_SIGNATURE)|CERT_(HAS_EXPIRED|NOT_YET_VALID|UNTRUSTED|SIGNATURE_FAILURE|REVOKED))$/;
const TLS_ALERT = /^ERR_SSL_|^ERR_OSSL_/;

/* What the client calls final and is not: time-outs, an answer to a request that has timed out, a handshake that a broker which just starts has reset. */
const MAY_PASS: ReadonlySet<string> = new Set([
  'PLT_KFK_NETWORK',
  'PLT_KFK_MULTIPLE',
  'PLT_KFK_UNEXPECTED_CORRELATION_ID',
  'PLT_KFK_USER',
]);

/**
 * What can never succeed, as the error to end with; `undefined` where another try may.
 *
 * @param error - what the client gave
 * @param connectionError - what is known of the connection's end besides
 */
export function kafkaRefusalOf(
  error: unknown,
  task: KafkaTask,
  connectionError?: unknown,
): KafkaError | undefined {
  const errors = [...errorsWithin(error), ...errorsWithin(connectionError)];
  // What a broker said tells more than what the client made of it.
  const bySpeaker = errors.toSorted(
    (a, b) => Number(b.apiId !== undefined) - Number(a.apiId !== undefined),
  );
  for (const facts of bySpeaker) {
    const refusal = refusalOfOne(facts, task);
    if (refusal !== undefined) return refused(refusal, task, error);
  }
  const final = errors.find(({ canRetry, code = '' }) => canRetry === false && !MAY_PASS.has(code));
  if (final === undefined) return undefined;
  const what = final.apiId ?? final.message;
  return refused(['ERR_SOCKFLOW_KAFKA_REFUSED', what, "See the brokers' log"], task, error);
}

/** No broker has answered for too long. */
export function kafkaUnreachable(
  { brokers, topic }: KafkaTask,
  afterMs: number,
  cause: unknown,
): KafkaError {
  const seconds = (afterMs / 1000).toFixed(afterMs < 10_000 ? 1 : 0);
  const why = reasonOf(cause);
  return new KafkaError(
    'ERR_SOCKFLOW_KAFKA_UNREACHABLE',
    `no answer from Kafka at ${brokers} for topic '${topic}' in ${seconds} s${why === undefined ? '' : `: ${why}`}`,
    {
      cause,
      remedy:
        'Check that a broker runs there and can be reached, and what it advertises as its listeners',
      details: { brokers, topic, afterMs },
    },
  );
}

function refusalOfOne(facts: KafkaErrorFacts, task: KafkaTask): Refusal | undefined {
  const { apiId, code = '', message } = facts;
  if (apiId !== undefined) return refusalOfProtocol(apiId, task);
  if (code === 'PLT_KFK_USER' && message.startsWith('Unknown topic')) return TOPIC_MISSING;
  if (code === 'PLT_KFK_AUTHENTICATION') return REFUSALS['SASL_AUTHENTICATION_FAILED'];
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return [
      'ERR_SOCKFLOW_KAFKA_ACCESS',
      "the broker's certificate is for another name",
      'Reach it by a name of its certificate, or give that as tls.serverName (tls-server-name)',
    ];
  }
  if (UNTRUSTED.test(code)) {
    return [
      'ERR_SOCKFLOW_KAFKA_ACCESS',
      `the broker's certificate is not trusted (${code})`,
      'Name the file of the authority that signed it with tls.caFile (tls-ca)',
    ];
  }
  if (!TLS_ALERT.test(code)) return undefined;
  return [
    'ERR_SOCKFLOW_KAFKA_ACCESS',
    `TLS with the broker failed (${code})`,
    'Check that the port is one of TLS, and whether it asks for a certificate: tls.certFile, tls.keyFile (tls-cert, tls-key)',
  ];
}

function refusalOfProtocol(apiId: string, { operation, group }: KafkaTask): Refusal | undefined {
  if (apiId === 'TOPIC_AUTHORIZATION_FAILED') {
    return [
      'ERR_SOCKFLOW_KAFKA_ACCESS',
      'the user has no right to it',
      `Give the user ${operation} and DESCRIBE on the topic`,
    ];
  }
  if (apiId === 'GROUP_AUTHORIZATION_FAILED') {
    return [
      'ERR_SOCKFLOW_KAFKA_ACCESS',
      `the user has no right to the group '${group}'`,
      'Give the user READ on the group',
    ];
  }
  return REFUSALS[apiId];
}

function refused([code, what, remedy]: Refusal, { topic }: KafkaTask, cause: unknown): KafkaError {
  return new KafkaError(code, `Kafka topic '${topic}': ${what}`, {
    cause,
    remedy,
    details: { topic },
  });
}

/** What the system said, innermost, as a few words. */
function reasonOf(error: unknown): string | undefined {
  const inner = errorsWithin(error).findLast(
    ({ code }) => code !== undefined && !code.startsWith('PLT_KFK_MULTIPLE'),
  );
  return inner?.message.replace(/\.$/, '');
}
