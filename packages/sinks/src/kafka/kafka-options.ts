import type { Batch } from '@sockflow/core';

import type { FieldChoice } from '../encodings/event-code/event-fields.ts';

/** What records look like. */
export type KafkaEncoding = 'json' | 'msgpack';
/** Codecs of Kafka's record batches; zstd needs Node 22.15. */
export type KafkaCompression = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';
/**
 * By what records are dealt to partitions, as the Java client does it:
 *
 * - `connection`: origin and connection: what happens on a connection stays in order
 * - `remote-address`, `local-address`: all connections of an address stay together
 * - `none`: each request goes to the next partition
 * - a function of the event or value; `undefined` is as `none`
 */
export type KafkaKey =
  | 'connection'
  | 'remote-address'
  | 'local-address'
  | 'none'
  | ((item: unknown, origin: Batch['origin'] | undefined) => string | undefined);

/** Who the client is to the broker; secrets come from a file or the environment only. */
export interface KafkaSasl {
  readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512';
  readonly username: string;
  /** A file that holds the password, a line end at its end does not count. */
  readonly passwordFile?: string;
  /** The name of an environment variable that holds the password. */
  readonly passwordEnv?: string;
}

/** TLS of the connections; `true` trusts what Node trusts. */
export interface KafkaTls {
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  readonly serverName?: string;
}

/** Settings of {@link kafka}. */
export interface KafkaOptions {
  /** `host:port` of one or some brokers; they tell of the others. */
  readonly brokers: string | readonly string[];
  readonly topic: string;
  /** Default `connection`; of derived values `none`. */
  readonly key?: KafkaKey;
  /** Default `json`. */
  readonly encoding?: KafkaEncoding;
  /** The fields of events; all where not given. */
  readonly fields?: readonly FieldChoice[];
  /** Default `none`. */
  readonly compression?: KafkaCompression;
  /** Default `all`. */
  readonly acks?: 'all' | 'leader';
  /** Whether the broker drops what a retry repeats; default true, needs acks `all`. */
  readonly idempotent?: boolean;
  /** How long a record waits for others, at most; ms, default 20. */
  readonly lingerMs?: number;
  /** Bytes of one partition's records in a request, before compression; default 512 KiB. */
  readonly batchBytes?: number;
  /** Bytes that are kept until the broker has acknowledged them, before the lane is held back; default 16 MiB. */
  readonly maxInFlightBytes?: number;
  /** How long a record may stay unacknowledged before the run fails; ms, default 120,000. */
  readonly deliveryTimeoutMs?: number;
  /** Whether the broker may make the topic; default false. */
  readonly autoCreateTopic?: boolean;
  readonly clientId?: string;
  readonly tls?: boolean | KafkaTls;
  readonly sasl?: KafkaSasl;
}
