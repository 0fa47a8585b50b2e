import type { BpfOptions } from '@sockflow/source-bpf';
import type { CompressionOptions } from '@sockflow/source-replay';

import type { FilterSet } from '../options/filter-set.ts';

/** What record tells its pipeline; crosses threads by structured clone. */
export interface LiveParams {
  readonly source: BpfOptions;
  readonly filters: FilterSet;
  /** The recording to write. */
  readonly output: string;
  readonly compression: CompressionOptions;
}

/** Where the pipeline module lies that record runs. */
export const LIVE_PIPELINE: URL = new URL(
  import.meta.url.endsWith('.ts') ? './live.pipeline.ts' : './live.pipeline.js',
  import.meta.url,
);
