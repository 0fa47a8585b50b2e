import type { SinkReport } from '../contracts/sink.ts';
import type { LaneFailure } from './lane-failure.ts';

/** What a sink said when it was closed. */
export interface LaneSinkReport {
  readonly output: string;
  readonly sink: string;
  readonly report: SinkReport;
}

/** How a lane ended. */
export interface LaneReport {
  readonly lane: number;
  readonly failure: LaneFailure | undefined;
  readonly isSourceExhausted: boolean;
  readonly sinks: readonly LaneSinkReport[];
  /** By output: connections that `scanConnections` gave back early, since there were too many. */
  readonly evictedConnections: Readonly<Record<string, number>>;
  /** Values emitted to the main thread. */
  readonly emitted: number;
}
