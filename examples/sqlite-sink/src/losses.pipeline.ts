import { map } from 'rxjs';
import { definePipeline, filterOp, Op, replay, scanConnections } from 'sockflow';

import sqlite from './sqlite-sink.js';

interface Params {
  readonly recording: string;
  readonly db: string;
}

/** RTT samples and losses as events, connections as values, into two tables of one file. */
export default definePipeline(({ recording, db }: Params) => ({
  source: replay(recording),
  events: (batches) => ({
    events: batches.pipe(filterOp(Op.RTT_CB, Op.RETRANS_CB, Op.RTO_CB)),
    connections: batches.pipe(
      scanConnections(
        () => ({ events: 0 }),
        (state) => void state.events++,
        { emitOn: 'close' },
      ),
      map(({ cookie, role, durationUs, state }) => ({ cookie, role, durationUs, ...state })),
    ),
  }),
  sinks: {
    events: [sqlite({ path: db })],
    connections: [sqlite({ path: db, table: 'connections' })],
  },
}));
