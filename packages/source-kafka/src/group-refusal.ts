import { errorsWithin } from '@sockflow/kafka-client';

import { KafkaSourceError } from './errors.ts';

/** Errors of the group that no second try mends: what happened, and what to do, by Kafka's name of them. */
const REFUSALS: Readonly<Record<string, readonly [string, string]>> = {
  FENCED_INSTANCE_ID: [
    'another process has joined with the same instanceId',
    'Give each process an instanceId of its own',
  ],
  INCONSISTENT_GROUP_PROTOCOL: [
    'the group has members that deal partitions in another way',
    'Use a group that only Sockflow is in',
  ],
  INVALID_SESSION_TIMEOUT: [
    'the brokers do not allow this sessionTimeoutMs',
    'Choose one between group.min.session.timeout.ms and group.max.session.timeout.ms, which are 6 s and 30 min unless configured',
  ],
  INVALID_GROUP_ID: ['the brokers allow no such name of a group', 'Choose another group'],
  GROUP_MAX_SIZE_REACHED: [
    'the group has as many members as the brokers allow',
    "Use fewer lanes, or raise the brokers' group.max.size",
  ],
};

/** Why the group cannot be joined, as the error to end with; `undefined` where it is something else. */
export function groupRefusalOf(error: unknown): KafkaSourceError | undefined {
  for (const { apiId } of errorsWithin(error)) {
    const refusal = apiId === undefined ? undefined : REFUSALS[apiId];
    if (refusal === undefined) continue;
    const [what, remedy] = refusal;
    return new KafkaSourceError('ERR_SOCKFLOW_KAFKA_GROUP', `Kafka: ${what}`, {
      cause: error,
      remedy,
      details: { apiId },
    });
  }
  return undefined;
}
