import { type Batch, fromSource, type FromSourceOptions } from '@sockflow/core';
import type { Observable } from 'rxjs';

import { replay, type ReplayOptions } from './replay/replay.ts';

/** How recordings are read in-process. */
export type FromReplayOptions = ReplayOptions & FromSourceOptions;

/** The batches of one recording, or of several merged by time, in this thread: a cold observable, each subscription reads from the start. */
export function fromReplay(
  paths: string | readonly string[],
  options: FromReplayOptions = {},
): Observable<Batch> {
  return fromSource(replay(paths, options), options);
}
