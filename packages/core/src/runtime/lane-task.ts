import type { MessagePort } from 'node:worker_threads';

import type { ViewMode } from '../batch/view-mode.ts';
import type { CollectorPort } from './collector-task.ts';
import type { FailurePlace } from './lane-failure.ts';
import type { LaneSinkReport } from './lane-report.ts';
import type { LedgerShape } from './layout.ts';
import type { WireError } from './wire-error.ts';

/** What the main thread gives a lane's thread: crosses by structured clone, the port by transfer. */
export interface LaneTask {
  readonly pipelineUrl: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly lane: number;
  readonly lanes: number;
  readonly laneData: unknown;
  readonly views: ViewMode;
  readonly shape: LedgerShape;
  readonly control: SharedArrayBuffer;
  /** The same for all lanes, see StartLine. */
  readonly startLine: SharedArrayBuffer;
  readonly results: MessagePort;
  readonly collectors: readonly CollectorPort[];
}

/** What it gives back: a LaneReport whose cause is data. */
export interface LaneOutcome {
  readonly failure: { readonly place: FailurePlace; readonly cause: WireError } | undefined;
  readonly isSourceExhausted: boolean;
  readonly sinks: readonly LaneSinkReport[];
  readonly evictedConnections: Readonly<Record<string, number>>;
  readonly emitted: number;
}
