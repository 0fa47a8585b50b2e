import type { KafkaCompression } from '@sockflow/sinks';

import type { Pass } from '../harness/paired.ts';
import type { BenchBroker } from './bench-broker.ts';

/* The best of batch.size 16 KiB to 1 MiB and linger.ms 0 to 20 here; more in flight than the default of five is not for idempotent producers. */
const SETTINGS = ['acks=all', 'batch.size=262144', 'linger.ms=5', 'buffer.memory=67108864'];
/* Enough for its JIT: what is counted comes after them. */
const MOST_WARM_UP = 200_000;

/** What Kafka's tool sends: texts of a file, one a line, picked at random, or random capital letters of one length. */
export type Payload = { readonly file: string } | { readonly recordBytes: number };

/** ProducerPerformance, records without key and headers, by its own clock: the records after its warm-up. */
export async function producerPerformance(
  broker: BenchBroker,
  records: number,
  payload: Payload,
  compression: KafkaCompression,
): Promise<Pass> {
  return broker.withTopic(async (topic) => {
    const warmUp = Math.min(MOST_WARM_UP, records);
    const printed = await broker.tool('ProducerPerformance', [
      '--topic',
      topic,
      '--num-records',
      String(records + warmUp),
      '--warmup-records',
      String(warmUp),
      '--throughput',
      '-1',
      ...('file' in payload
        ? ['--payload-file', payload.file]
        : ['--record-size', String(payload.recordBytes)]),
      '--command-property',
      ...SETTINGS,
      `compression.type=${compression}`,
    ]);
    const [, counted, perSecond] =
      /(\d+) steady state records sent, ([\d.]+) records\/sec/.exec(printed) ?? [];
    if (Number(counted) !== records) throw new Error(`ProducerPerformance printed ${printed}`);
    const inTopic = await broker.recordsIn(topic);
    return {
      ns: (records / Number(perSecond)) * 1e9,
      answer: `${inTopic - warmUp} records`,
    };
  });
}
