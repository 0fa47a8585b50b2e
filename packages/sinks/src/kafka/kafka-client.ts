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
  });
}

/** Drops what is under way, and its connections. */
export function closeProducer(producer: Producer): Promise<void> {
  return new Promise((resolve, reject) => {
    producer.close(true, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

/** Whether the broker leaves out what a retry repeats. */
export function isIdempotent({ idempotent, acks }: KafkaOptions): boolean {
  return idempotent ?? acks !== 'leader';
}
