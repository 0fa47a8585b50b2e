import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { type Origin, SlotMemory } from '@sockflow/core';

import { RecordingWriter } from '../writer/recording-writer.ts';
import { type GenerateOptions, type GenerateSettings, settingsOf } from './generate-options.ts';
import { generatedOrigin } from './generated-origin.ts';
import { type GenerateSummary, Simulation } from './simulation.ts';

/** Small enough to stay in a second-level cache between the simulation and the writer. */
const CHUNK_BYTES = 1 << 18;
/** How often the event loop gets its turn, ms: signals and progress. */
const TURN_MS = 20;
/** Blocks of 16 groups of lane buckets: up to 16 lanes read only what is theirs. */
const DEFAULT_LANE_GROUPS = 16;
const CREATOR = 'sockflow gen';

/** How far a generation is. */
export interface GenerateProgress {
  readonly ratio: number;
  readonly events: number;
  readonly bytes: number;
}

/** What to generate, and how it lies in the file. */
export interface GenerateRecordingOptions extends GenerateOptions {
  /** Groups of lane buckets that blocks are kept apart by, a power of two; 16 where not given. */
  readonly laneGroups?: number;
  readonly blockBytes?: number;
  readonly onProgress?: (progress: GenerateProgress) => void;
  /** Ends the generation early; what was written until then is a whole recording. */
  readonly signal?: AbortSignal;
}

/** What was generated and where it lies. */
export interface GeneratedRecording extends GenerateSummary {
  readonly path: string;
  /** Size of the file. */
  readonly fileBytes: number;
}

/**
 * Generates a recording: the same options and seed give the same file, byte for byte.
 *
 * @throws ERR_SOCKFLOW_INVALID_OPTION
 * @throws ERR_SOCKFLOW_UNKNOWN_NAME
 * @throws ERR_SOCKFLOW_RECORDING_TARGET
 * @throws ERR_SOCKFLOW_RECORDING_WRITE
 */
export async function generateRecording(
  path: string,
  options: GenerateRecordingOptions,
): Promise<GeneratedRecording> {
  const settings = settingsOf(options);
  const { laneGroups = DEFAULT_LANE_GROUPS, blockBytes } = options;
  const origin = generatedOrigin(settings.seed);
  const simulation = new Simulation(settings);
  const writer = RecordingWriter.create(path, {
    origin,
    laneGroups,
    creator: CREATOR,
    recordingId: recordingIdOf(settings),
    ...(blockBytes === undefined ? {} : { blockBytes }),
  });
  try {
    await writeAll(simulation, writer, origin, options);
  } catch (error) {
    writer.abandon();
    throw error;
  }
  const { bytesWritten } = writer.close();
  return { ...simulation.summary(), path, fileBytes: bytesWritten };
}

async function writeAll(
  simulation: Simulation,
  writer: RecordingWriter,
  origin: Origin,
  { signal, onProgress }: GenerateRecordingOptions,
): Promise<void> {
  const memory = SlotMemory.allocate(CHUNK_BYTES);
  let turnAtMs = performance.now() + TURN_MS;
  for (;;) {
    const isStopped = signal?.aborted === true;
    const endWord = isStopped ? 0 : simulation.fill(memory.u32, 0, memory.u32.length);
    if (endWord === 0) {
      return;
    }
    writer.appendSlots(memory, 0, endWord, origin);
    if (performance.now() >= turnAtMs) {
      const { progressRatio: ratio, events, bytes } = simulation;
      onProgress?.({ ratio, events, bytes });
      await nextTurn();
      turnAtMs = performance.now() + TURN_MS;
    }
  }
}

/** The same for the same events: chance would make files of one seed differ. */
function recordingIdOf(settings: GenerateSettings): string {
  return createHash('sha256').update(JSON.stringify(settings)).digest('hex').slice(0, 32);
}
