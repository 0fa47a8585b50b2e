export { kafka } from './kafka.ts';
export type { KafkaCompression, KafkaEncoding, KafkaKey, KafkaOptions } from './kafka-options.ts';
export {
  type KafkaConnectionOptions,
  KafkaError,
  type KafkaErrorCode,
  type KafkaSasl,
  type KafkaTls,
} from '@sockflow/kafka-client';
