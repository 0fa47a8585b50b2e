import type { Producer } from '@platformatic/kafka';
import { kafkaClientOptions } from '@sockflow/kafka-client';
import { importKafkaClient } from '@sockflow/kafka-client/client';

import type { KafkaOptions } from './kafka-options.ts';

/** A producer, not connected yet. */
export async function createProducer(options: KafkaOptions): Promise<Producer> {
  const { Producer: KafkaProducer } = await importKafkaClient();
  return new KafkaProducer({
    ...kafkaClientOptions(options),
    idempotent: isIdempotent(options),
    acks: options.acks === 'leader' ? 1 : -1,
    compression: options.compression ?? 'none',
    autocreateTopics: options.autoCreateTopic ?? false,
    // None yet: the client would ask for the one with number 0.
    producerId: -1n,
    producerEpoch: -1,
  });
}

/** Whether the broker leaves out what a retry repeats. */
export function isIdempotent({ idempotent, acks }: KafkaOptions): boolean {
  return idempotent ?? acks !== 'leader';
}
