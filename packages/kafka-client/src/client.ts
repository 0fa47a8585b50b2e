import type * as Client from '@platformatic/kafka';

import { KafkaError } from './errors.ts';

/** What `@platformatic/kafka` exports. */
export type KafkaClient = typeof Client;

/**
 * The client, imported when it is needed.
 *
 * @throws ERR_SOCKFLOW_KAFKA_CLIENT where it is not installed
 */
export async function importKafkaClient(): Promise<KafkaClient> {
  try {
    return await import('@platformatic/kafka');
  } catch (error) {
    throw new KafkaError('ERR_SOCKFLOW_KAFKA_CLIENT', 'the Kafka client is not installed', {
      cause: error,
      remedy: 'Install it beside Sockflow: npm install @platformatic/kafka@1',
    });
  }
}

export { closeClient, ConnectionTroubles, dropConnections } from './connections.ts';
