import { SockflowError } from '@sockflow/core';

/** Codes of {@link KafkaSourceError}. */
export type KafkaSourceErrorCode =
  | 'ERR_SOCKFLOW_KAFKA_BAD_VALUE'
  | 'ERR_SOCKFLOW_KAFKA_SCHEMA'
  | 'ERR_SOCKFLOW_KAFKA_GROUP';
/** What lies in a topic cannot be read as events, or the consumer group cannot be joined. */
export class KafkaSourceError extends SockflowError<KafkaSourceErrorCode> {}
