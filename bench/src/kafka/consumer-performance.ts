import type { Pass } from '@sockflow/benchmark';

import type { BenchBroker } from './bench-broker.ts';

/** ConsumerPerformance over a topic, by its own clock, the time until its partitions are assigned left out: asking for offsets and the first fetch are counted. */
export async function consumerPerformance(
  broker: BenchBroker,
  topic: string,
  records: number,
): Promise<Pass> {
  const printed = await broker.tool('ConsumerPerformance', [
    '--topic',
    topic,
    '--num-records',
    String(records),
    '--group',
    `${topic}-java-${process.hrtime.bigint()}`,
    '--hide-header',
  ]);
  // start, end, MB, MB/s, records, records/s, rebalance ms, fetch ms, fetch MB/s, fetch records/s
  const row = printed.trim().split('\n').at(-1)?.split(', ') ?? [];
  const [read, fetchMs] = [Number(row[4]), Number(row[7])];
  if (!(fetchMs > 0)) throw new Error(`ConsumerPerformance printed ${printed}`);
  return { ns: fetchMs * 1e6, answer: `${read} records` };
}
