import { isSockflowError } from '@sockflow/core';
import type { KafkaSourceOptions } from '@sockflow/source-kafka';

import { parseDurationNs, parseSize } from '../options/quantities.ts';
import { type ConfigPath, type ConfigProblems, pathText } from './config-problem.ts';
import { readTruth } from './read-truth.ts';
import { UNSET } from './substitute.ts';

const PATH: ConfigPath = ['source', 'kafka'];
const NS_PER_MS = 1_000_000n;

/** As the schema lets it through. */
export interface KafkaSourceText {
  readonly brokers: string | readonly string[];
  readonly topic: string | readonly string[];
  readonly group: string;
  readonly from?: string;
  readonly until?: string;
  readonly 'commit-every'?: unknown;
  readonly 'session-timeout'?: unknown;
  readonly 'unreachable-after'?: unknown;
  readonly prefetch?: unknown;
  readonly 'instance-id'?: string;
  readonly 'client-id'?: string;
  readonly 'dead-letter-topic'?: string;
  readonly 'dead-letter-unknown-schemas'?: unknown;
  readonly tls?: unknown;
  readonly 'tls-ca'?: string;
  readonly 'tls-cert'?: string;
  readonly 'tls-key'?: string;
  readonly 'tls-server-name'?: string;
  readonly sasl?: string;
  readonly user?: string;
  readonly 'password-file'?: string;
  readonly 'password-env'?: string;
}

/** The options of a Kafka source as a config file says them; names and combinations are for the source itself to check. */
export function readKafkaSource(
  text: KafkaSourceText,
  problems: ConfigProblems,
): KafkaSourceOptions {
  const durationMs = (key: keyof KafkaSourceText): number | undefined =>
    quantity(key, text[key], problems, (name, value) =>
      Number(parseDurationNs(name, value) / NS_PER_MS),
    );
  const options = {
    brokers: text.brokers,
    topic: text.topic,
    group: text.group,
    from: text.from,
    until: text.until,
    commitEveryMs: durationMs('commit-every'),
    sessionTimeoutMs: durationMs('session-timeout'),
    unreachableAfterMs: durationMs('unreachable-after'),
    prefetchBytes: quantity('prefetch', text.prefetch, problems, parseSize),
    instanceId: text['instance-id'],
    clientId: text['client-id'],
    onBadValue: deadLettersOf(text, problems),
    tls: tlsOf(text, problems),
    sasl: saslOf(text, problems),
  };
  return given(options) as unknown as KafkaSourceOptions;
}

/** What is there: an option that is undefined is not as if it were left out to everybody. */
function given(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

function quantity(
  key: string,
  value: unknown,
  problems: ConfigProblems,
  parse: (name: string, text: string) => number,
): number | undefined {
  if (value === undefined) return undefined;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (text.includes(UNSET)) return undefined;
  const path = [...PATH, key];
  try {
    return parse(pathText(path), text);
  } catch (error) {
    if (!isSockflowError(error)) throw error;
    problems.add(path, error.message, error.remedy ?? '');
    return undefined;
  }
}

function deadLettersOf(text: KafkaSourceText, problems: ConfigProblems): object | undefined {
  const schemasKey = 'dead-letter-unknown-schemas';
  const unknownSchemas = readTruth(text[schemasKey], [...PATH, schemasKey], problems);
  const deadLetterTopic = text['dead-letter-topic'];
  if (deadLetterTopic !== undefined) return given({ deadLetterTopic, unknownSchemas });
  requireBeside(text, [schemasKey], 'dead-letter-topic', problems);
  return undefined;
}

function tlsOf(text: KafkaSourceText, problems: ConfigProblems): boolean | object | undefined {
  const tls = readTruth(text.tls, [...PATH, 'tls'], problems);
  const files = given({
    caFile: text['tls-ca'],
    certFile: text['tls-cert'],
    keyFile: text['tls-key'],
    serverName: text['tls-server-name'],
  });
  return Object.keys(files).length > 0 && tls !== false ? files : tls;
}

function saslOf(text: KafkaSourceText, problems: ConfigProblems): object | undefined {
  const { sasl: mechanism, user: username } = text;
  if (mechanism === undefined) {
    requireBeside(text, ['user', 'password-file', 'password-env'], 'sasl', problems);
    return undefined;
  }
  return given({
    mechanism,
    username: username ?? '',
    passwordFile: text['password-file'],
    passwordEnv: text['password-env'],
  });
}

/** Tells of keys that say nothing without another one. */
function requireBeside(
  text: KafkaSourceText,
  keys: readonly (keyof KafkaSourceText)[],
  missing: string,
  problems: ConfigProblems,
): void {
  for (const key of keys) {
    if (text[key] === undefined) continue;
    problems.add([...PATH, key], `${key} says nothing without ${missing}`, `Give ${missing} too`);
  }
}
