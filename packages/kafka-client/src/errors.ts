import { SockflowError } from '@sockflow/core';

/** Codes of {@link KafkaError}. */
export type KafkaErrorCode =
  | 'ERR_SOCKFLOW_KAFKA_CLIENT'
  | 'ERR_SOCKFLOW_KAFKA_UNREACHABLE'
  | 'ERR_SOCKFLOW_KAFKA_ACCESS'
  | 'ERR_SOCKFLOW_KAFKA_TOPIC'
  | 'ERR_SOCKFLOW_KAFKA_REFUSED';
/** Kafka cannot be reached, or refuses what it is asked. */
export class KafkaError extends SockflowError<KafkaErrorCode> {}
