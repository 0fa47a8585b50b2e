import { KafkaSourceError } from '../errors.ts';

/** A value that is not what its header says. */
export function badValue(what: string, details: object = {}): KafkaSourceError {
  return new KafkaSourceError('ERR_SOCKFLOW_KAFKA_BAD_VALUE', what, { details });
}
