import { basename, extname, join } from 'node:path';

import { openRecording, type Recording } from '@sockflow/source-replay';
import { generateRecording } from '@sockflow/source-replay/generate';

/* The same connections in every run. */
const SEED = 1;
/* Up to so many lanes share the reading. */
const LANE_GROUPS = 8;

/** Recordings that a benchmark reads. */
export interface BenchInput {
  /** In ids: the first one's name without its ending. */
  readonly name: string;
  readonly paths: readonly string[];
  readonly events: number;
  readonly sizeBytes: number;
  readonly recordings: readonly Recording[];
}

/** @throws what openRecording throws */
export function benchInput(
  paths: readonly string[],
  name: string = nameOf(paths[0] ?? ''),
): BenchInput {
  const recordings = paths.map((path) => openRecording(path));
  const sum = (read: (recording: Recording) => number): number =>
    recordings.reduce((total, recording) => total + read(recording), 0);
  return {
    name,
    paths,
    events: sum(({ events }) => events),
    sizeBytes: sum(({ sizeBytes }) => sizeBytes),
    recordings,
  };
}

/** A made-up recording of about that size in a folder. */
export async function generatedInput(
  folder: string,
  sizeBytes: number,
  signal: AbortSignal,
): Promise<BenchInput> {
  const path = join(folder, 'generated.sfrec');
  await generateRecording(path, { sizeBytes, seed: SEED, laneGroups: LANE_GROUPS, signal });
  return benchInput([path]);
}

function nameOf(path: string): string {
  return basename(path, extname(path));
}
