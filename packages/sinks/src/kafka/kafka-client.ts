import { readFileSync } from 'node:fs';

import type * as Client from '@platformatic/kafka';
import { ConfigError } from '@sockflow/core';

import { SinkError } from '../errors.ts';
import type { KafkaOptions, KafkaSasl, KafkaTls } from './kafka-options.ts';

/* The client tries an operation so often by itself; what lasts longer is ours to repeat. Below 2 an idempotent producer of it would try for ever. */
const CLIENT_RETRIES = 2;
const CLIENT_RETRY_DELAY_MS = 100;
const CONNECT_TIMEOUT_MS = 5000;

async function importClient(): Promise<typeof Client> {
  try {
    return await import('@platformatic/kafka');
  } catch (error) {
    throw new SinkError('ERR_SOCKFLOW_KAFKA_CLIENT', 'the Kafka client is not installed', {
      cause: error,
      remedy: 'Install it beside Sockflow: npm install @platformatic/kafka@1',
    });
  }
}

/** A producer, not connected yet. */
export async function createProducer(options: KafkaOptions): Promise<Client.Producer> {
  const { Producer: KafkaProducer } = await importClient();
  const { brokers, tls, sasl } = options;
  return new KafkaProducer({
    clientId: options.clientId ?? 'sockflow',
    bootstrapBrokers: typeof brokers === 'string' ? brokers.split(',') : [...brokers],
    idempotent: isIdempotent(options),
    acks: options.acks === 'leader' ? 1 : -1,
    compression: options.compression ?? 'none',
    retries: CLIENT_RETRIES,
    retryDelay: CLIENT_RETRY_DELAY_MS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    autocreateTopics: options.autoCreateTopic ?? false,
    // Checked once, by us, and not for every record.
    strict: false,
    ...(tls === undefined || tls === false ? {} : { tls: tlsOptions(tls === true ? {} : tls) }),
    ...(sasl === undefined
      ? {}
      : {
          sasl: {
            mechanism: sasl.mechanism,
            username: sasl.username,
            password: passwordOf(sasl),
          },
        }),
  });
}

/** Drops what is under way, and its connections. */
export function closeProducer(producer: Client.Producer): Promise<void> {
  return new Promise((resolve, reject) => {
    producer.close(true, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

/** Whether the broker leaves out what a retry repeats. */
export function isIdempotent({ idempotent, acks }: KafkaOptions): boolean {
  return idempotent ?? acks !== 'leader';
}

function tlsOptions({ caFile, certFile, keyFile, serverName }: KafkaTls): object {
  return {
    ...(caFile === undefined ? {} : { ca: readSecret(caFile, 'caFile') }),
    ...(certFile === undefined ? {} : { cert: readSecret(certFile, 'certFile') }),
    ...(keyFile === undefined ? {} : { key: readSecret(keyFile, 'keyFile') }),
    ...(serverName === undefined ? {} : { servername: serverName }),
  };
}

function passwordOf({ passwordFile, passwordEnv }: KafkaSasl): string {
  if (passwordFile !== undefined)
    return readSecret(passwordFile, 'passwordFile').replace(/\r?\n$/, '');
  const password = passwordEnv === undefined ? undefined : process.env[passwordEnv];
  if (password !== undefined) return password;
  const what =
    passwordEnv === undefined
      ? 'no password for SASL is given'
      : `the environment variable ${passwordEnv} is not set`;
  throw new ConfigError('ERR_SOCKFLOW_INVALID_OPTION', `kafka: ${what}`, {
    remedy: 'Name a file with passwordFile, or a variable with passwordEnv',
    details: { option: 'sasl' },
  });
}

function readSecret(path: string, option: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigError('ERR_SOCKFLOW_INVALID_OPTION', `kafka: ${option} cannot be read`, {
      cause: error,
      remedy: 'Check the path and its rights',
      details: { option, path },
    });
  }
}
