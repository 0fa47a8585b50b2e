import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { SlotMemory } from '@sockflow/core';

import type { CompressionOptions } from '../compression/compression-options.ts';
import { RecordingOutput } from '../writer/recording-output.ts';
import type { RecordingReport } from '../writer/recording-writer.ts';
import { type GenerateOptions, type GenerateSettings, settingsOf } from './generate-options.ts';
import { Generation } from './generation.ts';
import type { GenerateSummary } from './simulation.ts';
import { TruthFile } from './truth-file.ts';

/** Small enough to stay in a second-level cache between the simulation and the writer. */
const CHUNK_BYTES = 1 << 18;
/** A turn of one of several hosts ends the blocks of all groups: larger ones then. */
const TURN_CHUNK_BYTES = 1 << 22;
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
export interface GenerateRecordingOptions extends GenerateOptions, CompressionOptions {
  /** Groups of lane buckets that blocks are kept apart by, a power of two; 16 where not given. */
  readonly laneGroups?: number;
  readonly blockBytes?: number;
  /** Where to write what happened to each connection, as NDJSON. */
  readonly truthPath?: string;
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
 * @param path - of the file; `-` is standard output, and a pipe is written as it is
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
  const { laneGroups = DEFAULT_LANE_GROUPS, blockBytes, truthPath, compression, level } = options;
  const truth = truthPath === undefined ? undefined : TruthFile.create(truthPath);
  const generation = new Generation(settings, truth?.add);
  try {
    const [origin] = generation.origins;
    const output = RecordingOutput.open(path, {
      ...(origin === undefined ? {} : { origin }),
      laneGroups,
      creator: CREATOR,
      recordingId: recordingIdOf(settings),
      ...(blockBytes === undefined ? {} : { blockBytes }),
      ...(compression === undefined ? {} : { compression }),
      ...(level === undefined ? {} : { level }),
    });
    const { bytesWritten } = await writeTo(output, generation, options);
    truth?.close();
    return { ...generation.summary(), path, fileBytes: bytesWritten };
  } catch (error) {
    truth?.abandon();
    throw error;
  }
}

async function writeTo(
  output: RecordingOutput,
  generation: Generation,
  options: GenerateRecordingOptions,
): Promise<RecordingReport> {
  try {
    await writeAll(generation, output, options);
  } catch (error) {
    output.abandon();
    throw error;
  }
  return output.close();
}

async function writeAll(
  generation: Generation,
  output: RecordingOutput,
  { signal, onProgress }: GenerateRecordingOptions,
): Promise<void> {
  const memory = SlotMemory.allocate(
    generation.origins.length === 1 ? CHUNK_BYTES : TURN_CHUNK_BYTES,
  );
  let turnAtMs = performance.now() + TURN_MS;
  for (;;) {
    const isStopped = signal?.aborted === true;
    const endWord = isStopped ? 0 : generation.fill(memory);
    if (endWord === 0) {
      return;
    }
    output.writer.appendSlots(memory, 0, endWord, generation.origin);
    await output.drained();
    if (performance.now() >= turnAtMs) {
      const { progressRatio: ratio, events, bytes } = generation;
      onProgress?.({ ratio, events, bytes });
      await nextTurn();
      turnAtMs = performance.now() + TURN_MS;
    }
  }
}

/** The same for the same events: chance would make files of one seed differ. */
function recordingIdOf(settings: GenerateSettings): string {
  const { connections, sizeBytes, seed, pace, weights, ...others } = settings;
  const { origins, bytesPerConnection, durationNs } = settings;
  // What is not given is not in it, so that a recording keeps its id when there are more options.
  const text = JSON.stringify({
    connections,
    sizeBytes,
    seed,
    arrivalsPerSec: pace.unit === 'arrival' ? pace.perSec : undefined,
    weights,
    ...others,
    pace: pace.unit === 'arrival' ? undefined : pace,
    origins: origins === 1 ? undefined : origins,
    bytesPerConnection: given(bytesPerConnection),
    durationNs: given(durationNs),
  });
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

function given(amount: number): number | undefined {
  return amount === Infinity ? undefined : amount;
}
