/* Pipelines that are explained and never run: their source cannot be opened. */
import type { Observable } from 'rxjs';
import { tap } from 'rxjs';

import type { Batch } from '../batch/batch.ts';
import type { Source } from '../contracts/source.ts';
import { filterFlags } from '../operators/filter-flags.ts';
import { filterKind } from '../operators/filter-kind.ts';
import { filterOp } from '../operators/filter-op.ts';
import { filterPort } from '../operators/filter-port.ts';
import { scanConnections } from '../operators/scan-connections.ts';
import { where } from '../operators/where.ts';
import { Kind } from '../schema/kind.ts';
import { Op } from '../schema/op.ts';
import { TcpFlag } from '../schema/tcp-flag.ts';
import type { PipelineModule, PipelineOutputs } from './pipeline-definition.ts';

const SOURCE: Source = {
  name: 'explained',
  reportedOps: [Op.STATE_CB, Op.RTT_CB],
  describePushDown: ({ type }) => (type === 'op' ? 'skips blocks without these ops' : undefined),
  open: () => Promise.reject(new Error('opened')),
  openLane: () => Promise.reject(new Error('opened')),
};

const CASES: Readonly<Record<string, (batches: Observable<Batch>) => PipelineOutputs>> = {
  fused: (batches) =>
    batches.pipe(
      filterOp(Op.RTT_CB),
      where((event) => event.srttUs !== undefined),
    ),
  split: (batches) =>
    batches.pipe(
      filterOp(Op.RTT_CB),
      tap(() => {}),
      filterPort(443),
      tap(() => {}),
      filterPort(80),
    ),
  named: (batches) => ({ rtt: batches.pipe(filterOp(Op.RTT_CB)), everything: batches }),
  impossible: (batches) =>
    batches.pipe(filterOp(Op.RTT_CB), filterFlags({ tcp: { any: TcpFlag.SYN } })),
  snapshots: (batches) => batches.pipe(filterKind(Kind.SNAPSHOT)),
  'no-close': (batches) =>
    batches.pipe(
      filterOp(Op.RTT_CB),
      scanConnections(
        () => ({}),
        () => {},
        { emitOn: 'close' },
      ),
    ),
};

const pipeline: PipelineModule = ({ events, isLive }: { events: string; isLive?: boolean }) => ({
  source: isLive === true ? { ...SOURCE, reportedKinds: [Kind.OP], isLive } : SOURCE,
  events: CASES[events] ?? (() => ({})),
  sinks: events === 'named' ? { rtt: [], everything: [] } : [],
});
export default pipeline;
