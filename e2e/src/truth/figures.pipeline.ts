import { tap } from 'rxjs';
import {
  definePipeline,
  emit,
  filterKind,
  Kind,
  Op,
  replay,
  scanConnections,
  TcpState,
} from 'sockflow';

/** What a pipeline makes of one connection, by the public operators alone. */
export interface Figures {
  readonly key: string;
  readonly events: number;
  readonly retransmits: number;
  readonly timeouts: number;
  readonly rttSamples: number;
  readonly rttMinUs: number | null;
  readonly rttMedianUs: number | null;
  readonly bytesAcked: number;
  readonly bytesReceived: number;
  readonly isEstablished: boolean;
  readonly isClosed: boolean;
}

export default definePipeline((params: { readonly recording: string }) => ({
  source: replay(params.recording),
  events: (batches) =>
    batches.pipe(
      filterKind(Kind.OP),
      scanConnections(
        () => ({
          retransmits: 0,
          timeouts: 0,
          samples: [] as number[],
          bytesAcked: 0,
          bytesReceived: 0,
          isEstablished: false,
        }),
        (state, event) => {
          if (event.op === Op.RETRANS_CB) state.retransmits += event.retransSegs;
          else if (event.op === Op.RTO_CB) state.timeouts++;
          else if (event.op === Op.RTT_CB && event.state !== TcpState.CLOSE) {
            state.samples.push(event.mrttUs ?? 0);
          } else if (event.op === Op.STATE_CB && event.newState === TcpState.ESTABLISHED) {
            state.isEstablished = true;
          }
          state.bytesAcked = event.bytesAcked ?? state.bytesAcked;
          state.bytesReceived = event.bytesReceived ?? state.bytesReceived;
        },
        { emitOn: 'close' },
      ),
      tap(({ originId, netnsCookie, cookie, events, end, state }) => {
        const { samples, ...others } = state;
        samples.sort((a, b) => a - b);
        const figures: Figures = {
          key: `${originId}/${netnsCookie}:${cookie}`,
          events,
          ...others,
          rttSamples: samples.length,
          rttMinUs: samples[0] ?? null,
          rttMedianUs: samples[(samples.length - 1) >> 1] ?? null,
          isClosed: end === 'closed',
        };
        emit(figures);
      }),
    ),
  sinks: [],
}));
