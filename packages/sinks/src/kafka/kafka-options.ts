import type { Batch } from '@sockflow/core';
import type { KafkaConnectionOptions } from '@sockflow/kafka-client';

import type { FieldChoice } from '../encodings/event-code/event-fields.ts';

/** What records look like: one event, marker or value each as JSON or msgpack, or many events as slots. */
export type KafkaEncoding = 'json' | 'msgpack' | 'slots';
/** Codecs of Kafka's record batches; zstd needs Node 22.15. */
export type KafkaCompression = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';
/**
 * By what records are dealt to partitions, as the Java client does it:
 *
 * - `connection`: origin and connection: what happens on a connection stays in order
 * - `origin`: what happens on a host stays together: fewer, fuller batches where hosts are many
 * - `remote-address`, `local-address`: all connections of an address stay together
 * - `none`: each request goes to the next partition
 * - a function of the event or value; `undefined` is as `none`
 */
export type KafkaKey =
  | 'connection'
  | 'remote-address'
  | 'origin'
  | 'local-address'
  | 'none'
  | ((item: unknown, origin: Batch['origin'] | undefined) => string | undefined);

/** Settings of {@link kafka}. */
export interface KafkaOptions extends KafkaConnectionOptions {
  readonly topic: string;
  /** Default `connection`; of derived values `none`. */
  readonly key?: KafkaKey;
  /** Default `json`. */
  readonly encoding?: KafkaEncoding;
  /** The fields of events; all where not given. Slots are whole. */
  readonly fields?: readonly FieldChoice[];
  /** Default `none`. */
  readonly compression?: KafkaCompression;
  /** Default `all`. */
  readonly acks?: 'all' | 'leader';
  /** Whether the broker drops what a retry repeats; default true with acks `all`, which it needs. */
  readonly idempotent?: boolean;
  /** How long a record waits for others, at most; ms, default 20. */
  readonly lingerMs?: number;
  /** Bytes of one partition's records in a request, before compression, and of a record of slots; default 512 KiB. */
  readonly batchBytes?: number;
  /** Bytes of one record, at most; default 1 MiB, as brokers have it. */
  readonly maxRecordBytes?: number;
  /** Bytes that all lanes together keep until the brokers have acknowledged them, before a lane is held back; default 16 MiB. */
  readonly maxInFlightBytes?: number;
  /** How long brokers may take nothing before the run fails; ms, default 120,000. */
  readonly deliveryTimeoutMs?: number;
  /** Whether the broker may make the topic; default false. */
  readonly autoCreateTopic?: boolean;
}
