import type { Origin } from '@sockflow/core';
import type { EncodingName, FieldChoice } from '@sockflow/sinks';
import type { CompressionOptions, ReplaySpeed } from '@sockflow/source-replay';

import type { FilterSet } from '../options/filter-set.ts';

/** A file by its path as it is, which a sink's text could not hold where it has a `?`. */
export interface FileTarget {
  readonly path: string;
  readonly encoding: EncodingName;
  /** Of a recording: groups that connections are dealt to; 1 where not given. */
  readonly laneGroups?: number;
  /** Of context-json: whether lines name the hosts and boots. */
  readonly hasOrigins?: boolean;
  /** Of a recording: hosts and boots that it names though none of their events may pass. */
  readonly origins?: readonly Origin[];
  /** Of a recording: how its blocks are stored. */
  readonly compression?: CompressionOptions;
}

/** What the command tells its own pipeline; crosses threads by structured clone. */
export interface RecordingParams {
  /** One recording, or several that are merged by time. */
  readonly recording: string | readonly string[];
  /** As fast as it is taken where not given. */
  readonly speed?: ReplaySpeed;
  /** Whether it goes on with what is still written. */
  readonly follow?: boolean;
  readonly filters: FilterSet;
  /** Sinks as on the command line (`file:out.ndjson`), or files. */
  readonly sinks: readonly (string | FileTarget)[];
  /** Of sinks that say none of their own; all where not given. */
  readonly fields?: readonly FieldChoice[];
}

/** Where the pipeline module lies that replay, convert and explain run: workers import it as they import a user's. */
export const RECORDING_PIPELINE: URL = new URL(
  import.meta.url.endsWith('.ts') ? './recording.pipeline.ts' : './recording.pipeline.js',
  import.meta.url,
);
