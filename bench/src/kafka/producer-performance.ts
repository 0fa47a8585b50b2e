import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import type { MessageToProduce } from '@platformatic/kafka';
import type { Pass } from '@sockflow/benchmark';
import type { KafkaCompression } from '@sockflow/sinks';

import { ROOT_DIR } from '../harness/paths.ts';
import type { BenchBroker } from './bench-broker.ts';
import { bytesOf } from './read-back.ts';

/* As its users set it for throughput: large batches, a short wait. Five requests in flight, its default, are the most for idempotent producers. */
const SETTINGS = ['acks=all', 'batch.size=262144', 'linger.ms=5', 'buffer.memory=67108864'];
/* Enough for its JIT: what is counted comes after them. */
const WARM_UP_RECORDS = 200_000;
const WARM_UP_BYTES = 128 * 2 ** 20;
const SMOKE_WARM_UP_RECORDS = 1000;
const SMOKE_WARM_UP_BYTES = 2 ** 20;

const SEND_RECORDS = join(ROOT_DIR, 'bench/java/SendRecords.java');

/** ProducerPerformance with the texts of a file, one a line, picked at random; by its own clock, what it sends to get warm left out. */
export async function producerPerformance(
  broker: BenchBroker,
  records: readonly MessageToProduce[],
  payloads: string,
  compression: KafkaCompression,
  isSmoke: boolean,
): Promise<Pass> {
  const warmUp = warmUpOf(records, isSmoke);
  return broker.withTopic(async (topic) => {
    const printed = await broker.tool('ProducerPerformance', [
      '--topic',
      topic,
      '--num-records',
      String(records.length + warmUp),
      '--warmup-records',
      String(warmUp),
      '--throughput',
      '-1',
      '--payload-file',
      payloads,
      '--command-property',
      ...SETTINGS,
      `compression.type=${compression}`,
    ]);
    const [, counted, perSecond] =
      /(\d+) steady state records sent, ([\d.]+) records\/sec/.exec(printed) ?? [];
    if (Number(counted) !== records.length)
      throw new Error(`ProducerPerformance printed ${printed}`);
    const inTopic = await broker.recordsIn(topic);
    return {
      ns: (records.length / Number(perSecond)) * 1e9,
      answer: `${inTopic - warmUp} records`,
    };
  });
}

/** A program of Kafka's Java client that sends the very same records: keys, headers, values, partitions; by its own clock, what it sends to get warm left out. */
export async function javaProducer(
  broker: BenchBroker,
  records: readonly MessageToProduce[],
  file: string,
  compression: KafkaCompression,
  isSmoke: boolean,
): Promise<Pass> {
  const warmUp = warmUpOf(records, isSmoke);
  return broker.withTopic(async (topic) => {
    const printed = await broker.java('1g', SEND_RECORDS, [
      file,
      topic,
      String(warmUp),
      `bootstrap.servers=${broker.address}`,
      ...SETTINGS,
      `compression.type=${compression}`,
    ]);
    const [, ns] = /^ns (\d+)$/m.exec(printed) ?? [];
    if (ns === undefined) throw new Error(`SendRecords printed ${printed}`);
    const inTopic = await broker.recordsIn(topic);
    return { ns: Number(ns), answer: `${inTopic - warmUp} records` };
  });
}

/** Why {@link javaProducer} cannot run here, or `undefined`. */
export function whyNoJavaProducer(): string | undefined {
  const { stdout } = spawnSync('java', ['--list-modules'], { encoding: 'utf8' });
  const hasCompiler = /^jdk\.compiler@/m.test(stdout ?? '');
  return hasCompiler ? undefined : 'Java has no compiler here: it needs a JDK';
}

function warmUpOf(records: readonly MessageToProduce[], isSmoke: boolean): number {
  const meanBytes = bytesOf(records).all / records.length;
  const [most, bytes] = isSmoke
    ? [SMOKE_WARM_UP_RECORDS, SMOKE_WARM_UP_BYTES]
    : [WARM_UP_RECORDS, WARM_UP_BYTES];
  return Math.min(most, Math.ceil(bytes / meanBytes));
}
