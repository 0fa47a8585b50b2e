import { Consumer, ListOffsetTimestamps } from '@platformatic/kafka';
import { closeClient } from '@sockflow/kafka-client/client';

/** A record as the client reads it. */
export interface ReadRecord {
  readonly partition: number;
  readonly offset: number;
  readonly key: string | undefined;
  readonly value: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/** All that a topic holds at the moment, by partition and offset. */
export async function readTopic(
  address: string,
  topic: string,
  security: object = {},
): Promise<ReadRecord[]> {
  const consumer = new Consumer({
    groupId: `read-${topic}-${process.hrtime.bigint()}`,
    clientId: 'test',
    bootstrapBrokers: [address],
    ...security,
  });
  const found: ReadRecord[] = [];
  try {
    const ends = await consumer.listOffsets({
      topics: [topic],
      timestamp: ListOffsetTimestamps.LATEST,
    });
    const records = Number((ends.get(topic) ?? []).reduce((total, end) => total + end, 0n));
    if (records === 0) return [];
    const stream = await consumer.consume({ topics: [topic], mode: 'earliest', maxWaitTime: 100 });
    for await (const { partition, offset, key, value, headers } of stream) {
      const named = [...headers].map(([name, text]) => [String(name), String(text)]);
      found.push({
        partition,
        offset: Number(offset),
        key: key?.toString(),
        value,
        headers: Object.fromEntries(named) as Record<string, string>,
      });
      if (found.length === records) break;
    }
  } finally {
    await closeClient(consumer);
  }
  return found.toSorted((a, b) => a.partition - b.partition || a.offset - b.offset);
}
