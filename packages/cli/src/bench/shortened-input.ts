import { join } from 'node:path';

import { run } from '@sockflow/core';
import { COMPRESSION_NAMES } from '@sockflow/source-replay/compression';

import { RECORDING_PIPELINE, type RecordingParams } from '../pipelines/recording-params.ts';
import { benchInput, type BenchInput } from './bench-input.ts';

/**
 * About the first so many events of a recording, as a recording in a folder that is stored as it is: a pass over all of a large one, in the naive way too, would take minutes.
 *
 * @returns the input itself where it is not longer, or cannot be cut: several recordings, or hosts, have no common clock
 */
export async function shortenedInput(
  input: BenchInput,
  events: number,
  folder: string,
): Promise<BenchInput> {
  const endNs = endOf(input, events);
  const [recording, second] = input.recordings;
  if (endNs === undefined || recording === undefined || second !== undefined) return input;
  const path = join(folder, `${input.name}-${events}.sfrec`);
  const first = recording.parts[0];
  const params: RecordingParams = {
    recording: input.paths,
    filters: { ports: [], networks: [], time: { endNs } },
    sinks: [
      {
        path,
        encoding: 'recording',
        laneGroups: first?.laneGroups ?? 1,
        compression: {
          compression: COMPRESSION_NAMES[first?.blocks.compression(0) ?? 0] ?? 'none',
        },
        origins: recording.origins,
      },
    ],
  };
  await run(RECORDING_PIPELINE, { params: { ...params } }).done;
  return benchInput([path], input.name);
}

/** When so many events have come; `undefined` where that cannot be told, or there are no more. */
function endOf({ recordings, events }: BenchInput, wanted: number): bigint | undefined {
  const [recording] = recordings;
  if (wanted >= events || recording === undefined || recordings.length > 1) return undefined;
  if (recording.origins.length > 1 || recording.parts.length > 1) return undefined;
  const blocks = recording.parts[0]?.blocks;
  if (blocks === undefined) return undefined;
  let seen = 0;
  for (let row = 0; row < blocks.count; row++) {
    seen += blocks.events(row);
    if (seen >= wanted) return blocks.lastTimeNs(row) + 1n;
  }
  return undefined;
}
