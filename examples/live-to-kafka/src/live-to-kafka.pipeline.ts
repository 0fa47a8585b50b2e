import { bpf, definePipeline, filterOp, kafka, Op, replay } from 'sockflow';

interface Params {
  readonly brokers?: string;
  readonly topic?: string;
  /** Whose connections; all of the machine's where not given. */
  readonly cgroup?: string;
  /** Events of this recording instead of the kernel's. */
  readonly recording?: string;
}

/** What is of interest beyond this machine: what was lost, and how connections began and ended. */
const OPS = [Op.STATE_CB, Op.RETRANS_CB, Op.RTO_CB] as const;

/** The kernel is asked for these ops only; the filter is what makes of a recording of everything the same stream. */
export default definePipeline(
  ({ brokers = '127.0.0.1:9092', topic = 'tcp.events', cgroup, recording }: Params) => ({
    source:
      recording === undefined
        ? bpf({ ops: OPS, ...(cgroup === undefined ? {} : { cgroup }) })
        : replay(recording),
    events: (batches) => batches.pipe(filterOp(...OPS)),
    // Keyed by origin and connection: what happens on one stays in one partition, in order.
    sinks: [kafka({ brokers, topic, compression: 'lz4' })],
  }),
);
