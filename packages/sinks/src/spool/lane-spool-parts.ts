import type { SinkContext } from '@sockflow/core';

import type { InnerEnd } from './inner-end.ts';
import type { SpoolLog } from './spool-log.ts';
import type { LaneSpoolSettings } from './spool-options.ts';

/** What a lane's spool works with. */
export interface LaneSpoolParts {
  readonly sinkName: string;
  readonly settings: LaneSpoolSettings;
  readonly log: SpoolLog;
  readonly inner: InnerEnd;
  readonly context: SinkContext;
}
