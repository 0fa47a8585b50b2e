import { filter, tap } from 'rxjs';
import {
  definePipeline,
  emit,
  file,
  filterAddress,
  filterOp,
  Op,
  replay,
  scanConnections,
} from 'sockflow';

import { newStory, STORY_OPS, tell } from './connection-story.ts';

interface Params {
  readonly recording: string;
  /** Where the retransmissions and timeouts go, one JSON line each. */
  readonly events: string;
  /** Where the connections that retransmitted go. */
  readonly connections: string;
}

/**
 * Two outputs of one recording, each with its own filters: every retransmission and timeout to one file; per connection how often, and with what RTT, to another and
 * to the main thread.
 */
export default definePipeline((params: Params) => ({
  source: replay(params.recording),
  events: (batches) => ({
    events: batches.pipe(
      filterOp(Op.RETRANS_CB, Op.RTO_CB),
      filterAddress(['10.203.0.0/16', 'fd03::/16']),
    ),
    connections: batches.pipe(
      filterOp(...STORY_OPS),
      scanConnections(newStory, tell, { emitOn: 'close' }),
      filter(({ state }) => state.retransmits > 0 || state.timeouts > 0),
      tap((connection) => emit(connection)),
    ),
  }),
  sinks: { events: [file(params.events)], connections: [file(params.connections)] },
}));
