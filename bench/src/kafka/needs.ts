import { requireKafka } from '@sockflow/test-support';

/** Why no broker can be started here, or `undefined`. */
export function whyNoKafka(): string | undefined {
  const missing: string[] = [];
  try {
    requireKafka({ skip: (reason = 'an Apache Kafka') => missing.push(reason) });
  } catch (error) {
    // Where all needs are required, what is missing is thrown.
    missing.push(error instanceof Error ? error.message : String(error));
  }
  return missing[0];
}
