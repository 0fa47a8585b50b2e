export { kafka } from './kafka.ts';
export type {
  KafkaCompression,
  KafkaEncoding,
  KafkaKey,
  KafkaOptions,
  KafkaSasl,
  KafkaTls,
} from './kafka-options.ts';
