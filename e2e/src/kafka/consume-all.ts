import type { KafkaBroker } from '@sockflow/test-support';

/** A record as Kafka's own console consumer prints it. */
export interface ConsumedRecord {
  readonly partition: number;
  readonly key: string;
  /** The headers in one text, `name:value,name:value`. */
  readonly headers: string;
  readonly value: string;
}

/** Nobody prints these; TAB stands in no JSON of one line. */
const SEPARATOR = '\t';
/** Where fewer records come than there are, the consumer gives up after so long. */
const IDLE_MS = 30_000;
const SHOWN = ['partition', 'headers', 'key', 'value'];

/** All records of a topic of texts, by partition in their order, read by Kafka's own tools, which know nothing of ours. */
export function consumeAll(broker: KafkaBroker, topic: string): ConsumedRecord[] {
  const count = broker.endOffsets(topic).reduce((sum, offset) => sum + offset, 0);
  const settings = [
    ...SHOWN.map((what) => `print.${what}=true`),
    `key.separator=${SEPARATOR}`,
    'print.timestamp=false',
  ].flatMap((setting) => ['--formatter-property', setting]);
  const limits = ['--max-messages', String(count), '--timeout-ms', String(IDLE_MS)];
  const args = ['--topic', topic, '--from-beginning', ...limits, ...settings];
  return broker
    .tool('consumer.ConsoleConsumer', args)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [partition = '', headers = '', key = '', ...value] = line.split(SEPARATOR);
      return {
        partition: Number(partition.replace('Partition:', '')),
        headers,
        key,
        value: value.join(SEPARATOR),
      };
    });
}
