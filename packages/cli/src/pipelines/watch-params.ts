import type { BpfOptions } from '@sockflow/source-bpf';
import type { ReplaySpeed } from '@sockflow/source-replay';

import type { FilterSet } from '../options/filter-set.ts';
import type { WatchStyle } from '../watch/watch-sink.ts';

/** Where the events come from: the kernel, or a recording. */
export type WatchSource =
  | { readonly live: BpfOptions }
  | { readonly recording: string; readonly speed: ReplaySpeed };

/** What watch tells its pipeline; crosses threads by structured clone. */
export interface WatchParams {
  readonly source: WatchSource;
  readonly filters: FilterSet;
  /** How events are shown; `undefined`: as lines on the standard output, all of them. */
  readonly style: WatchStyle | undefined;
}

/** Where the pipeline module lies that watch runs. */
export const WATCH_PIPELINE: URL = new URL(
  import.meta.url.endsWith('.ts') ? './watch.pipeline.ts' : './watch.pipeline.js',
  import.meta.url,
);
