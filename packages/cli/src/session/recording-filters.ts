import { describeMerge, handOver, openRecording, type Recording } from '@sockflow/source-replay';

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
export function readRecordingFilters(
  paths: string | readonly string[],
  options: OptionValues,
): RecordingFilters {
  const list = typeof paths === 'string' ? [paths] : paths;
  let opened: readonly Recording[] | undefined;
  const recordings = (): readonly Recording[] =>
    (opened ??= list.map((path) => openRecording(path)));
  const filters = readFilters(options, () => timeBase(recordings()));
  const notes = recordings().flatMap((recording) => recording.notes);
  for (const recording of recordings()) handOver(recording);
  const merge = describeMerge(recordings());
  if (merge !== undefined) notes.push(merge);
  return { filters, warnings: [...notes, ...filterWarnings(filters, contentsOf(recordings()))] };
}

/**
 * Reads the filter options for a recording that comes as it is written: what is in it nobody knows yet, so nothing is said of what cannot match.
 *
 * @throws ERR_SOCKFLOW_INVALID_OPTION where a time needs to be placed in what cannot be looked into: a pipe, a series
 */
export function readStreamFilters(
  paths: readonly string[],
  options: OptionValues,
): RecordingFilters {
  const areFiles = paths.every((path) => path !== '-' && !path.includes('*'));
  const base = (): TimeBase => {
    if (areFiles) return timeBase(paths.map((path) => openRecording(path)));
    return { firstNs: undefined, clock: undefined, originCount: 1 };
  };
  return { filters: readFilters(options, base), warnings: [] };
}

function timeBase(recordings: readonly Recording[]): TimeBase {
  const { firstNs } = contentsOf(recordings);
  const origins = new Map(
    recordings.flatMap((recording) => recording.origins.map((origin) => [origin.id, origin])),
  );
  return { firstNs, clock: [...origins.values()][0]?.clock, originCount: origins.size };
}

function contentsOf(recordings: readonly Recording[]): RecordingContents {
  const events = recordings.reduce((sum, recording) => sum + recording.events, 0);
  let firstNs: bigint | undefined;
  let lastNs = 0n;
  for (const { blocks } of recordings.flatMap(({ parts }) => parts)) {
    if (blocks.count === 0) continue;
    const { firstRow, lastRow } = blocks.totals();
    const first = blocks.firstTimeNs(firstRow);
    const last = blocks.lastTimeNs(lastRow);
    if (firstNs === undefined || first < firstNs) firstNs = first;
    if (last > lastNs) lastNs = last;
  }
  return { events, eventsByOp: () => eventsByOp(recordings), firstNs: firstNs ?? 0n, lastNs };
}

function eventsByOp(recordings: readonly Recording[]): number[] {
  const events = Array.from({ length: OPS_IN_STATISTICS }, () => 0);
  for (const { blocks } of recordings.flatMap(({ parts }) => parts)) {
    for (let row = 0; row < blocks.count; row++) {
      for (let op = 0; op < OPS_IN_STATISTICS; op++) {
        events[op] = (events[op] ?? 0) + blocks.opEvents(row, op);
      }
    }
  }
  return events;
}
