import { isIP } from 'node:net';

import { ConfigError } from '@sockflow/core';

import { type KafkaSasl, type SaslSettings, saslSettings } from './sasl.ts';
import { type KafkaTls, type TlsSettings, tlsSettings } from './tls.ts';

/* The client tries an operation so often by itself; what lasts longer is ours to repeat. Below 2 an idempotent producer of it would try for ever. */
const CLIENT_RETRIES = 2;
const CLIENT_RETRY_DELAY_MS = 100;
const CONNECT_TIMEOUT_MS = 5000;
const BROKER = /^(?<host>\[[0-9a-fA-F:.]+\]|[^\s:/@]+):(?<port>\d{1,5})$/;

/** How the brokers are reached: the same for what writes to Kafka and what reads from it. */
export interface KafkaConnectionOptions {
  /** `host:port` of one or some brokers; they tell of the others. */
  readonly brokers: string | readonly string[];
  /** What the brokers' logs call this client; default `sockflow`. */
  readonly clientId?: string;
  /** `true` trusts what Node trusts. */
  readonly tls?: boolean | KafkaTls;
  readonly sasl?: KafkaSasl;
}

/** The settings that every client of `@platformatic/kafka` takes. */
export interface KafkaClientOptions {
  clientId: string;
  bootstrapBrokers: string[];
  retries: number;
  retryDelay: number;
  connectTimeout: number;
  strict: boolean;
  tls?: TlsSettings;
  tlsServerName?: boolean;
  sasl?: SaslSettings;
}

/**
 * Options as the client takes them, with the secrets read.
 *
 * @throws ERR_SOCKFLOW_INVALID_OPTION, ERR_SOCKFLOW_UNKNOWN_NAME
 */
export function kafkaClientOptions(options: KafkaConnectionOptions): KafkaClientOptions {
  const { clientId = 'sockflow', tls = false, sasl } = options;
  const bootstrapBrokers = brokerList(options);
  const settings = tls === false ? undefined : tlsSettings(tls === true ? {} : tls);
  return {
    clientId,
    bootstrapBrokers,
    retries: CLIENT_RETRIES,
    retryDelay: CLIENT_RETRY_DELAY_MS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    // Checked once, by us, and not for every record.
    strict: false,
    ...(settings === undefined ? {} : { tls: settings }),
    // A name is told in the handshake (brokers behind one address are chosen by it); TLS allows no address there.
    ...(settings === undefined ||
    settings.servername !== undefined ||
    bootstrapBrokers.some(isAddress)
      ? {}
      : { tlsServerName: true }),
    ...(sasl === undefined ? {} : { sasl: saslSettings(sasl) }),
  };
}

/** The brokers as messages name them. */
export function brokersText({ brokers }: KafkaConnectionOptions): string {
  return typeof brokers === 'string' ? brokers : brokers.join(',');
}

/** @throws ERR_SOCKFLOW_INVALID_OPTION for what is no `host:port` */
export function brokerList(options: KafkaConnectionOptions): string[] {
  const list = brokersText(options)
    .split(',')
    .map((broker) => broker.trim());
  for (const broker of list) {
    const port = Number(BROKER.exec(broker)?.groups?.['port'] ?? 0);
    if (port >= 1 && port <= 65_535) continue;
    // What stands before an @ may be meant as a password.
    const shown = broker.replace(/^.*@/, '...@');
    throw new ConfigError('ERR_SOCKFLOW_INVALID_OPTION', `kafka: '${shown}' is no HOST:PORT`, {
      remedy:
        shown === broker
          ? 'Write brokers as in broker-1:9092,broker-2:9092'
          : 'Name the user with sasl.username (user=NAME), and a file of the password with sasl.passwordFile (password-file)',
      details: { option: 'brokers' },
    });
  }
  return list;
}

function isAddress(broker: string): boolean {
  const host = BROKER.exec(broker)?.groups?.['host'] ?? '';
  return isIP(host.replace(/^\[|\]$/g, '')) !== 0;
}
