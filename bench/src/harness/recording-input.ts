import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { openRecording } from '@sockflow/source-replay';
import { generateRecording } from '@sockflow/source-replay/generate';

import type { BenchRun } from './bench-case.ts';
import { CACHE_DIR, ROOT_DIR } from './paths.ts';

const SEED = 1;
/* Inputs whose facts have been told. */
const told = new Set<string>();

/** A recording to read, and how many events it holds. */
export interface RecordingInput {
  readonly name: string;
  readonly path: string;
  readonly events: number;
  readonly bytes: number;
  /** Whether it is larger than any cache: budgets are for those. */
  readonly isLarge: boolean;
}

function input(name: string, path: string, isLarge: boolean): RecordingInput {
  const recording = openRecording(path);
  return { name, path, events: recording.events, bytes: recording.sizeBytes, isLarge };
}

/** The generated recording, made once and kept in the cache; its file is read once, so that it is in the page cache. */
export async function generatedRecording(
  bench: Pick<BenchRun, 'inputBytes' | 'note'>,
): Promise<RecordingInput> {
  const mib = Math.round(bench.inputBytes / 2 ** 20);
  const path = join(CACHE_DIR, `generated-${mib}MiB.sfrec`);
  if (!existsSync(path)) {
    mkdirSync(CACHE_DIR, { recursive: true });
    bench.note(`generating ${mib} MiB, seed ${SEED}, into .cache/bench`);
    // A run that is interrupted leaves no half of one behind that the next would take.
    const part = `${path}.${process.pid}.part`;
    try {
      const summary = await generateRecording(part, { sizeBytes: bench.inputBytes, seed: SEED });
      writeFileSync(`${path}.json`, JSON.stringify(summary));
      renameSync(part, path);
    } finally {
      rmSync(part, { force: true });
    }
  }
  if (!told.has(path)) {
    bench.note(`generated ${mib} MiB: ${connectionsOf(path)} connections, seed ${SEED}`);
    told.add(path);
  }
  return input('generated', path, true);
}

function connectionsOf(path: string): string {
  const summary = JSON.parse(readFileSync(`${path}.json`, 'utf8')) as { connections?: number };
  return String(summary.connections ?? 'an unknown number of');
}

/** The real recording: small, and mostly RTT samples. */
export function fixtureRecording(): RecordingInput {
  return input('fixture', join(ROOT_DIR, 'fixtures/real.sfrec'), false);
}
