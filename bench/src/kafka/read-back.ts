import { Consumer, type Message, type MessageToProduce } from '@platformatic/kafka';

import type { BenchBroker } from './bench-broker.ts';

/** All records of a topic as messages that can be sent to another: the same key, value, headers and partition, each in memory of its own, its partitions mixed as they were when they were sent. */
export async function readBack(
  broker: BenchBroker,
  topic: string,
  records: number,
): Promise<MessageToProduce[]> {
  const consumer = new Consumer({
    clientId: 'bench',
    groupId: `${topic}-read-back`,
    bootstrapBrokers: [broker.address],
    strict: false,
  });
  const messages: MessageToProduce[] = [];
  const stream = await consumer.consume({ topics: [topic], mode: 'earliest', autocommit: false });
  for await (const message of stream) {
    messages.push(asToSend(message));
    if (messages.length === records) break;
  }
  await stream.close();
  await consumer.close();
  return mixed(messages);
}

/** A fetch gives a long run of one partition: dealt evenly, by how far each record is in its own. */
function mixed(messages: readonly MessageToProduce[]): MessageToProduce[] {
  const partitions: MessageToProduce[][] = [];
  for (const message of messages) (partitions[message.partition ?? 0] ??= []).push(message);
  return partitions
    .flatMap((members) =>
      members.map((message, index) => ({ message, place: index / members.length })),
    )
    .toSorted((a, b) => a.place - b.place)
    .map(({ message }) => message);
}

/** Bytes of keys, values and headers. */
export function bytesOf(messages: readonly MessageToProduce[]): {
  readonly values: number;
  readonly all: number;
} {
  let values = 0;
  let rest = 0;
  for (const { key, value, headers } of messages) {
    values += value?.length ?? 0;
    rest += key?.length ?? 0;
    for (const [name, text] of headers as Map<Buffer, Buffer>) rest += name.length + text.length;
  }
  return { values, all: values + rest };
}

function asToSend({ key, value, headers, partition, topic }: Message): MessageToProduce {
  return {
    topic,
    partition,
    value: Buffer.from(value),
    headers,
    ...(key === null || key === undefined ? {} : { key: Buffer.from(key) }),
  };
}
