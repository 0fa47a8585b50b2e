import { fileURLToPath } from 'node:url';

import { console, definePipeline, filterOp, kafka, kafkaSource, Op, replay } from 'sockflow';

import { countRetransmits, type ServiceCount } from './count-retransmits.ts';
import { ServiceTable } from './service-table.ts';

interface Params {
  readonly brokers?: string;
  readonly topic?: string;
  readonly group?: string;
  /** `now`: ends when all that was there at the start is read; without it, it goes on. */
  readonly until?: 'now';
  /** A topic for the counts; they go to the terminal where not given. */
  readonly out?: string;
  /** A file like services.json. */
  readonly services?: string;
  /** Events of this recording instead of a topic's. */
  readonly recording?: string;
}

const SERVICES = fileURLToPath(new URL('../services.json', import.meta.url));

/** One of any number of processes with the same group: Kafka gives each lane of each of them its share of the partitions. */
export default definePipeline(
  ({
    brokers = '127.0.0.1:9092',
    topic = 'tcp.events',
    group = 'retransmits-per-service',
    until,
    out,
    services = SERVICES,
    recording,
  }: Params) => ({
    source:
      recording === undefined
        ? kafkaSource({ brokers, topic, group, ...(until === undefined ? {} : { until }) })
        : replay(recording),
    events: (batches) =>
      batches.pipe(filterOp(Op.RETRANS_CB), countRetransmits(new ServiceTable(services))),
    sinks: [
      out === undefined
        ? console({ encoding: 'ndjson' })
        : kafka({ brokers, topic: out, key: (count) => (count as ServiceCount).service }),
    ],
  }),
);
