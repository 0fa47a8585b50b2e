import * as zlib from 'node:zlib';

import { ConfigError } from '@sockflow/core';
import { brokerList } from '@sockflow/kafka-client';

import { unknownName } from '../unknown-name.ts';
import { isIdempotent } from './kafka-client.ts';
import type { KafkaOptions } from './kafka-options.ts';

const ENCODINGS = ['json', 'msgpack', 'slots'];
const COMPRESSIONS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
const KEYS = ['connection', 'origin', 'remote-address', 'local-address', 'none'];
const ACKS = ['all', 'leader'];
const TOPIC = /^[a-zA-Z0-9._-]{1,249}$/;
const SMALLEST_BATCH_BYTES = 4096;

/** Numbers of the options, or their defaults. */
export interface KafkaNumbers {
  readonly lingerMs: number;
  readonly batchBytes: number;
  readonly maxRecordBytes: number;
  readonly maxInFlightBytes: number;
  readonly deliveryTimeoutMs: number;
}

const DEFAULTS: KafkaNumbers = {
  lingerMs: 20,
  batchBytes: 512 * 1024,
  maxRecordBytes: 1024 * 1024,
  maxInFlightBytes: 16 * 1024 * 1024,
  deliveryTimeoutMs: 120_000,
};

/**
 * Refuses what cannot be, before anything is opened.
 *
 * @throws ERR_SOCKFLOW_INVALID_OPTION, ERR_SOCKFLOW_UNKNOWN_NAME
 */
export function checkKafkaOptions(options: KafkaOptions): KafkaNumbers {
  brokerList(options);
  const { topic, key, encoding = 'json', compression = 'none', acks = 'all' } = options;
  checkName('encoding of Kafka records', encoding, ENCODINGS);
  checkName('compression of Kafka', compression, COMPRESSIONS);
  checkName('acks', acks, ACKS);
  if (key !== undefined && typeof key !== 'function') checkName('key of Kafka records', key, KEYS);
  if (!TOPIC.test(topic) || topic === '.' || topic === '..') {
    throw invalid('topic', `'${topic}' is no name of a topic`, NAME_REMEDY);
  }
  if (acks === 'leader' && isIdempotent(options)) {
    throw invalid('acks', "an idempotent producer needs acks 'all'", 'Leave one of the two out');
  }
  if (compression === 'zstd' && !('zstdCompressSync' in zlib)) {
    const what = `Node ${process.versions.node} has no zstd`;
    throw invalid('compression', what, 'Use lz4, or Node 22.15 or newer');
  }
  if (encoding === 'slots' && options.fields !== undefined) {
    throw invalid(
      'fields',
      'slots are always whole',
      'Leave fields out, or choose json or msgpack',
    );
  }
  return numbersOf(options);
}

const NAME_REMEDY =
  'Kafka takes letters, digits, full stops, dashes and underlines, 249 at most, but neither . nor ..';

function numbersOf(options: KafkaOptions): KafkaNumbers {
  const numberOf = (name: keyof KafkaNumbers, least: number): number => {
    const value = options[name] ?? DEFAULTS[name];
    if (Number.isFinite(value) && value >= least) return value;
    throw invalid(name, `${name} is ${value}`, `Give a number of at least ${least}`);
  };
  const batchBytes = numberOf('batchBytes', SMALLEST_BATCH_BYTES);
  return {
    batchBytes,
    lingerMs: numberOf('lingerMs', 0),
    maxRecordBytes: numberOf('maxRecordBytes', SMALLEST_BATCH_BYTES),
    maxInFlightBytes: numberOf('maxInFlightBytes', batchBytes),
    deliveryTimeoutMs: numberOf('deliveryTimeoutMs', 1),
  };
}

function checkName(what: string, name: string, known: readonly string[]): void {
  if (!known.includes(name)) throw unknownName(what, name, known);
}

function invalid(option: string, what: string, remedy: string): ConfigError {
  return new ConfigError('ERR_SOCKFLOW_INVALID_OPTION', `kafka: ${what}`, {
    remedy,
    details: { option },
  });
}
