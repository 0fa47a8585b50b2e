import type { FilterSet } from '../options/filter-set.ts';

/** What a pass does with the events that it reads. */
export type BenchWork =
  /** Some fields of each event, read in place. */
  | { readonly kind: 'fields' }
  /** The naive way: a plain object for each event, and each through RxJS by itself. */
  | { readonly kind: 'objects' }
  /** What a pipeline module of the user's says; its source is replaced by the recording. */
  | {
      readonly kind: 'module';
      readonly url: string;
      readonly params: Readonly<Record<string, unknown>>;
      /** Whether its own sinks are opened, or others in their place that count and drop. */
      readonly hasRealSinks: boolean;
    };

/** What the benchmark tells its own pipeline; crosses threads by structured clone. */
export interface BenchParams {
  readonly recordings: readonly string[];
  readonly filters: FilterSet;
  readonly work: BenchWork;
  /** Where lanes note times: see LaneMarks. */
  readonly marks: SharedArrayBuffer;
  /** What a lane reads first, uncounted, so that its code is compiled. */
  readonly warmUpBytes: number;
}

/** Where the pipeline module lies that every pass runs. */
export const BENCH_PIPELINE: URL = new URL(
  import.meta.url.endsWith('.ts') ? './bench.pipeline.ts' : './bench.pipeline.js',
  import.meta.url,
);
