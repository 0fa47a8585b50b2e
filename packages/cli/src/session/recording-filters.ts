import { openRecording, type Recording } from '@sockflow/source-replay';

import type { OptionValues } from '../command.ts';
import type { FilterSet } from '../options/filter-set.ts';
import { filterWarnings, type RecordingContents } from '../options/filter-warnings.ts';
import { readFilters } from '../options/read-filters.ts';
import type { TimeBase } from '../options/time-point.ts';

const OPS_IN_STATISTICS = 32;

/** The filters that the options ask of a recording, and why they may match less than they seem to; what is unusual about the recording, too. */
export interface RecordingFilters {
  readonly filters: FilterSet;
  readonly warnings: readonly string[];
}

/**
 * Reads the filter options for a recording: times are placed in it, and its block statistics tell what cannot match.
 *
 * @throws ERR_SOCKFLOW_INVALID_OPTION before the recording is opened where no recording is needed to tell.
 */
export function readRecordingFilters(path: string, options: OptionValues): RecordingFilters {
  let opened: Recording | undefined;
  const recording = (): Recording => (opened ??= openRecording(path));
  const filters = readFilters(options, () => timeBase(recording()));
  const { notes } = recording();
  return { filters, warnings: [...notes, ...filterWarnings(filters, contentsOf(recording()))] };
}

function timeBase(recording: Recording): TimeBase {
  const { firstNs } = contentsOf(recording);
  return {
    firstNs,
    clock: recording.origins[0]?.clock,
    originCount: recording.origins.length,
  };
}

function contentsOf({ parts, events }: Recording): RecordingContents {
  const eventsByOp = Array.from({ length: OPS_IN_STATISTICS }, () => 0);
  let firstNs: bigint | undefined;
  let lastNs = 0n;
  for (const { blocks } of parts) {
    for (let row = 0; row < blocks.count; row++) {
      for (let op = 0; op < OPS_IN_STATISTICS; op++) {
        eventsByOp[op] = (eventsByOp[op] ?? 0) + blocks.opEvents(row, op);
      }
      const first = blocks.firstTimeNs(row);
      const last = blocks.lastTimeNs(row);
      if (firstNs === undefined || first < firstNs) firstNs = first;
      if (last > lastNs) lastNs = last;
    }
  }
  return { events, eventsByOp, firstNs: firstNs ?? 0n, lastNs };
}
