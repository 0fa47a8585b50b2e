import { ConfigError, type Sink } from '@sockflow/core';
import type { KafkaSasl } from '@sockflow/kafka-client';

import type { FieldChoice } from '../encodings/event-code/event-fields.ts';
import type { SinkSpec } from '../sink-spec.ts';
import { SpecOptions } from '../spec-options.ts';
import type { KafkaOptions } from './kafka-options.ts';
import { kafka } from './kafka.ts';

const TARGET = /^\/\/(?<brokers>[^/]+)\/(?<topic>[^/]+)$/;

/**
 * The sink of `kafka://host:9092,host2:9092/topic?key=connection&encoding=msgpack`.
 *
 * @throws ERR_SOCKFLOW_INVALID_OPTION, ERR_SOCKFLOW_UNKNOWN_NAME
 */
export function kafkaFrom(
  spec: SinkSpec,
  { fields }: { readonly fields?: readonly FieldChoice[] | undefined },
): Sink {
  const { brokers, topic } = TARGET.exec(spec.target)?.groups ?? {};
  if (brokers === undefined || topic === undefined) {
    throw new ConfigError(
      'ERR_SOCKFLOW_INVALID_OPTION',
      `the sink 'kafka:${spec.target.replace(/^.*@/, '...@')}' names no brokers and topic`,
      { remedy: 'Write it as in kafka://localhost:9092/events', details: { option: 'sink' } },
    );
  }
  const options = new SpecOptions(spec);
  const settings: Partial<Record<keyof KafkaOptions, unknown>> = {
    key: options.text('key'),
    encoding: options.text('encoding'),
    fields: options.list('fields') ?? fields,
    compression: options.text('compression'),
    acks: options.text('acks'),
    idempotent: options.flag('idempotent'),
    lingerMs: options.durationMs('linger'),
    batchBytes: options.sizeBytes('batch'),
    maxRecordBytes: options.sizeBytes('max-record'),
    maxInFlightBytes: options.sizeBytes('in-flight'),
    deliveryTimeoutMs: options.durationMs('delivery-timeout'),
    autoCreateTopic: options.flag('create-topic'),
    clientId: options.text('client-id'),
    ...securityFrom(options),
  };
  options.end();
  return kafka({ brokers, topic, ...(given(settings) as object) });
}

function securityFrom(options: SpecOptions): Pick<KafkaOptions, 'tls' | 'sasl'> {
  const isAsked = options.flag('tls');
  const tls = given({
    caFile: options.text('tls-ca'),
    certFile: options.text('tls-cert'),
    keyFile: options.text('tls-key'),
    serverName: options.text('tls-server-name'),
  });
  const mechanism = options.text('sasl') as KafkaSasl['mechanism'] | undefined;
  const user = given({
    username: options.text('user'),
    passwordFile: options.text('password-file'),
    passwordEnv: options.text('password-env'),
  });
  const hasUser = mechanism !== undefined || Object.keys(user).length > 0;
  return {
    ...(Object.keys(tls).length > 0 && isAsked !== false ? { tls } : given({ tls: isAsked })),
    ...(hasUser ? { sasl: { mechanism: mechanism ?? 'PLAIN', username: '', ...user } } : {}),
  };
}

/** What is there of it. */
function given<T extends object>(
  settings: T,
): { readonly [K in keyof T]?: Exclude<T[K], undefined> } {
  const there = Object.entries(settings).filter(([, value]) => value !== undefined);
  return Object.fromEntries(there) as { readonly [K in keyof T]?: Exclude<T[K], undefined> };
}
