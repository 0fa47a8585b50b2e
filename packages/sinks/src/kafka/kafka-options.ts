import type { Batch } from '@sockflow/core';
import type { KafkaConnectionOptions } from '@sockflow/kafka-client';

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

/** Settings of {@link kafka}. */
export interface KafkaOptions extends KafkaConnectionOptions {
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
}
