/*
 * @sockflow/kafka-client: what the Kafka sink and source share. Nothing here imports the client, nor do its types need it; ./client does.
 *
 *   connection-options, sasl, tls   how to reach the brokers, and where secrets come from
 *   errors, refusal                 our errors, and which of the client's errors no second try mends
 *   record-headers                  what records say of themselves
 */
export { KafkaError, type KafkaErrorCode } from './errors.ts';
export {
  brokerList,
  brokersText,
  type KafkaClientOptions,
  kafkaClientOptions,
  type KafkaConnectionOptions,
} from './connection-options.ts';
export type { KafkaSasl } from './sasl.ts';
export type { KafkaTls } from './tls.ts';
export { errorsWithin, type KafkaErrorFacts } from './error-facts.ts';
export { type KafkaTask, kafkaRefusalOf, kafkaUnreachable } from './refusal.ts';
export {
  fingerprintText,
  RECORD_HEADERS,
  RECORD_SCHEMAS,
  type RecordSchema,
} from './record-headers.ts';
