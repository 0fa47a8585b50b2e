import { map } from 'rxjs';
import {
  bpf,
  type ConnectionRecord,
  console,
  definePipeline,
  type EventView,
  Kind,
  Op,
  type RttSummaryView,
  scanConnections,
} from 'sockflow';

interface Params {
  /** Whose connections; all of the machine's where not given. */
  readonly cgroup?: string;
}

/** What is remembered of a connection while it lives. */
interface Life {
  owner: string | undefined;
  rttSamples: number;
  rttSumUs: number;
  rttHighUs: number;
  losses: number;
}

function begin(): Life {
  return { owner: undefined, rttSamples: 0, rttSumUs: 0, rttHighUs: 0, losses: 0 };
}

function add(life: Life, event: EventView): void {
  life.owner ??= event.ownerComm;
  if (event.kind === Kind.RTT_SUMMARY) {
    const { rttCount, rttSumUs, rttHighUs } = event as RttSummaryView;
    life.rttSamples += rttCount;
    life.rttSumUs += rttSumUs;
    life.rttHighUs = Math.max(life.rttHighUs, rttHighUs);
  } else if (event.op === Op.RETRANS_CB || event.op === Op.RTO_CB) {
    life.losses++;
  }
}

function tell({ state, ...connection }: ConnectionRecord<Life>): object {
  const { localAddress, localPort, remoteAddress, remotePort } = connection;
  return {
    owner: state.owner,
    role: connection.role,
    local: `${localAddress} ${localPort}`,
    remote: `${remoteAddress} ${remotePort}`,
    ms: Math.round(connection.durationUs / 1000),
    rttUs: state.rttSamples === 0 ? undefined : Math.round(state.rttSumUs / state.rttSamples),
    rttHighUs: state.rttSamples === 0 ? undefined : state.rttHighUs,
    losses: state.losses,
  };
}

/** A line for each connection when it closes, live. What the kernel is asked for is the default: lives, losses, and RTT folded into summaries. */
export default definePipeline(({ cgroup }: Params) => ({
  source: bpf(cgroup === undefined ? {} : { cgroup }),
  events: (batches) =>
    batches.pipe(scanConnections(begin, add, { emitOn: 'close', idleMs: 600_000 }), map(tell)),
  sinks: [console({ encoding: 'ndjson' })],
}));
