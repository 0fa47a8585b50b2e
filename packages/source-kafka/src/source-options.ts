import { ConfigError } from '@sockflow/core';
import {
  brokersText,
  kafkaClientOptions,
  type KafkaConnectionOptions,
  type KafkaTask,
} from '@sockflow/kafka-client';

/** Where a group begins that has committed nothing yet, or nothing that is still there. */
export type KafkaStart = 'earliest' | 'latest';

/** What becomes of a record that cannot be read as events. */
export interface KafkaDeadLetters {
  /** A topic that exists: it gets the record as it was, and in headers where it lay and why. */
  readonly deadLetterTopic: string;
  /** Whether records of a schema that this version does not know go there too; default false: they are whole, and a newer version reads them. */
  readonly unknownSchemas?: boolean;
}

/** Settings of {@link kafkaSource}. */
export interface KafkaSourceOptions extends KafkaConnectionOptions {
  /** One topic, or several that hold events. */
  readonly topic: string | readonly string[];
  /** The consumer group: its members share the partitions, and it keeps how far they have come. */
  readonly group: string;
  /** Default `earliest`. */
  readonly from?: KafkaStart;
  /** `now`: the run ends when every partition has reached the end that it had when the run started. Default: it does not end by itself. */
  readonly until?: 'now';
  /** How often what the sinks have acknowledged is committed, at most; ms, default 1000. */
  readonly commitEveryMs?: number;
  /** How long the brokers wait for a sign of life of a lane before they give its partitions to others; ms, default 45,000. */
  readonly sessionTimeoutMs?: number;
  /** How long a broker may stay away before the run fails; ms, default 120,000. */
  readonly unreachableAfterMs?: number;
  /** How often is looked whether topics have more partitions than were dealt, which are dealt then; ms, default 30,000. */
  readonly metadataMaxAgeMs?: number;
  /** Bytes that all lanes together fetch ahead; default 32 MiB. */
  readonly prefetchBytes?: number;
  /** A name of this process that no other one of the group has, and that it has again after a restart: then one that is killed and started again within `sessionTimeoutMs` has its partitions back without a rebalance. */
  readonly instanceId?: string;
  /** Default `stop`: the run fails at the record, and so does the next one. */
  readonly onBadValue?: 'stop' | KafkaDeadLetters;
}

/** Options with their defaults, as lanes are given them: no secrets, which each thread reads by itself. */
export interface KafkaSourceSettings {
  readonly connection: KafkaConnectionOptions;
  readonly topics: readonly string[];
  readonly group: string;
  readonly from: KafkaStart;
  readonly isBounded: boolean;
  readonly commitEveryMs: number;
  readonly sessionTimeoutMs: number;
  readonly unreachableAfterMs: number;
  readonly metadataMaxAgeMs: number;
  readonly prefetchBytes: number;
  readonly instanceId: string | undefined;
  readonly deadLetters: KafkaDeadLetters | undefined;
  /** For messages of the client's errors. */
  readonly task: KafkaTask;
}

/** @throws ERR_SOCKFLOW_INVALID_OPTION, ERR_SOCKFLOW_UNKNOWN_NAME */
export function kafkaSourceSettings(options: KafkaSourceOptions): KafkaSourceSettings {
  const { group, from = 'earliest', until, instanceId, onBadValue = 'stop' } = options;
  const topics = topicsOf(options);
  requireText('group', group);
  requireOneOf('from', from, ['earliest', 'latest']);
  if (until !== undefined) requireOneOf('until', until, ['now']);
  if (instanceId !== undefined) requireText('instanceId', instanceId);
  const { brokers, clientId, tls, sasl } = options;
  const connection = {
    brokers,
    ...(clientId === undefined ? {} : { clientId }),
    ...(tls === undefined ? {} : { tls }),
    ...(sasl === undefined ? {} : { sasl }),
  };
  return {
    connection,
    topics,
    group,
    from,
    isBounded: until === 'now',
    commitEveryMs: positive('commitEveryMs', options.commitEveryMs, 1000),
    sessionTimeoutMs: positive('sessionTimeoutMs', options.sessionTimeoutMs, 45_000),
    unreachableAfterMs: positive('unreachableAfterMs', options.unreachableAfterMs, 120_000),
    metadataMaxAgeMs: positive('metadataMaxAgeMs', options.metadataMaxAgeMs, 30_000),
    prefetchBytes: positive('prefetchBytes', options.prefetchBytes, 32 * 1024 * 1024),
    instanceId,
    deadLetters: deadLettersOf(onBadValue, topics),
    task: {
      topic: topics.join(','),
      brokers: brokersText(connection),
      operation: 'READ',
      group,
    },
  };
}

/** Checks how the brokers are reached, secrets included. On the main thread, before anything is opened. */
export function checkConnection({ connection }: KafkaSourceSettings): void {
  kafkaClientOptions(connection);
}

function topicsOf({ topic }: KafkaSourceOptions): readonly string[] {
  const topics = typeof topic === 'string' ? [topic] : [...(topic ?? [])];
  if (topics.length === 0) throw invalid('topic', 'names no topic', 'Name at least one');
  for (const name of topics) requireText('topic', name);
  if (new Set(topics).size < topics.length) {
    throw invalid('topic', 'names a topic twice', 'Name each topic once');
  }
  return topics;
}

function deadLettersOf(
  onBadValue: 'stop' | KafkaDeadLetters,
  topics: readonly string[],
): KafkaDeadLetters | undefined {
  if (onBadValue === 'stop') return undefined;
  const deadLetterTopic: unknown = onBadValue?.deadLetterTopic;
  if (typeof deadLetterTopic !== 'string' || deadLetterTopic === '') {
    throw invalid('onBadValue', "is neither 'stop' nor names a deadLetterTopic", 'Give either');
  }
  if (topics.includes(deadLetterTopic)) {
    const what = `has '${deadLetterTopic}' as deadLetterTopic, which is read`;
    throw invalid('onBadValue', what, 'Name a topic of its own');
  }
  return onBadValue;
}

function requireText(option: string, value: unknown): void {
  if (typeof value === 'string' && value !== '') return;
  const what = value === '' ? 'is empty' : `is ${String(value)}, expected a text`;
  throw invalid(option, what, `Name a ${option}`);
}

function requireOneOf(option: string, value: string, allowed: readonly string[]): void {
  if (allowed.includes(value)) return;
  const names = allowed.map((name) => `'${name}'`).join(' or ');
  throw invalid(option, `is '${value}'`, `Give ${names}, or leave it out`);
}

function positive(option: string, value: number | undefined, otherwise: number): number {
  const number = value ?? otherwise;
  if (Number.isInteger(number) && number > 0) return number;
  throw invalid(option, `is ${String(value)}`, 'Give a whole number above 0');
}

function invalid(option: string, what: string, remedy: string): ConfigError {
  return new ConfigError('ERR_SOCKFLOW_INVALID_OPTION', `kafkaSource: ${option} ${what}`, {
    remedy,
    details: { option },
  });
}
