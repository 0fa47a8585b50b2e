import type { CaseResult } from '../harness/case-result.ts';
import { generatedRecording } from '../harness/recording-input.ts';
import type { SuiteOptions } from '../harness/suite.ts';
import { compression } from './compression.ts';
import { flatMemory } from './flat-memory.ts';
import { type HeldSlots, holdSlots } from './held-slots.ts';
import { type LargeRecording, withLargeRecording } from './large-recording.ts';
import { reading } from './read.ts';
import { rotation } from './rotation.ts';
import { timeRange } from './time-range.ts';
import { generating, writing } from './write.ts';

/** Names of the cases, for the command line. */
export const RECORDING_CASES: readonly string[] = [
  'write',
  'generate',
  'read',
  'rotate',
  'compress',
  'time-range',
  'memory',
];

/* What is held in memory, of the size asked for; a large recording is made of it. */
const HELD_SHARE = 1 / 8;
const LEAST_HELD_BYTES = 16 * 2 ** 20;
const MOST_HELD_BYTES = 128 * 2 ** 20;
/* A large recording, of the size asked for. */
const LARGE_TIMES = 4;

/** Recordings written, generated, read, rotated and compressed beside the system's own tools; how soon a range of time is found, and what memory a large one takes. */
export async function recordingsSuite(
  options: SuiteOptions,
  report: (result: CaseResult) => void,
): Promise<void> {
  const { cases } = options;
  const isAsked = (name: string): boolean => cases.length === 0 || cases.includes(name);
  const heldBytes = Math.min(
    MOST_HELD_BYTES,
    Math.max(LEAST_HELD_BYTES, options.inputBytes * HELD_SHARE),
  );
  const base = await generatedRecording({ ...options, inputBytes: heldBytes });
  const held = await holdSlots(base);
  if (isAsked('write')) report(await writing(held, options));
  if (isAsked('generate')) report(await generating(heldBytes, options));
  if (isAsked('compress')) await compression(held, options, report);
  if (isAsked('read') || isAsked('rotate')) {
    const input = await generatedRecording(options);
    if (isAsked('read')) await reading(input.path, options, report);
    if (isAsked('rotate')) report(await rotation(input, options));
  }
  if (!isAsked('time-range') && !isAsked('memory')) return;
  await withLargeRecording(held, options.inputBytes * LARGE_TIMES, options, (large) =>
    onLarge(held, large, options, isAsked, report),
  );
}

async function onLarge(
  held: HeldSlots,
  large: LargeRecording,
  options: SuiteOptions,
  isAsked: (name: string) => boolean,
  report: (result: CaseResult) => void,
): Promise<void> {
  if (isAsked('time-range')) report(await timeRange(held, large, options));
  if (isAsked('memory')) report(await flatMemory(held, large, options));
}
