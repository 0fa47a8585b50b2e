/*
 * @sockflow/source-kafka: the events of a Kafka topic as a source. Its map is at the head of kafka-lane.ts.
 */
export { kafkaSource } from './kafka-source.ts';
export type { KafkaDeadLetters, KafkaSourceOptions, KafkaStart } from './source-options.ts';
export { KafkaSourceError } from './errors.ts';
export type { KafkaSourceErrorCode } from './errors.ts';
