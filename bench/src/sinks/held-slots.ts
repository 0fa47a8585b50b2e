import { rmSync } from 'node:fs';

import type { Origin, SlotMemory, SlotSpan } from '@sockflow/core';
import { RecordingWriter, type RecordingWriterOptions } from '@sockflow/source-replay';

import type { BenchRun } from '../harness/bench-case.ts';
import { cutSpans } from '../harness/memory-source.ts';
import { generatedRecording, type RecordingInput } from '../harness/recording-input.ts';
import { shared } from '../harness/shared.ts';
import { slotsOf } from '../harness/slot-input.ts';

const LOW_TIME_WORD = 4;
const HIGH_TIME_WORD = 5;
const HELD_SHARE = 1 / 8;
const LEAST_HELD_BYTES = 16 * 2 ** 20;
const MOST_HELD_BYTES = 128 * 2 ** 20;

/** Slots of the generated recording in memory, in spans as a lane is given them. */
export interface HeldSlots {
  readonly memory: SlotMemory;
  readonly origin: Origin;
  readonly bytes: number;
  readonly events: number;
  readonly spans: readonly SlotSpan[];
}

/** Of the size that is asked for, what is held in memory. */
export function heldBytes({ inputBytes }: Pick<BenchRun, 'inputBytes'>): number {
  return Math.min(MOST_HELD_BYTES, Math.max(LEAST_HELD_BYTES, inputBytes * HELD_SHARE));
}

/** Held once for all cases of a suite. */
export function heldSlots(bench: Pick<BenchRun, 'inputBytes' | 'note'>): Promise<HeldSlots> {
  const inputBytes = heldBytes(bench);
  return shared(`held slots of ${inputBytes}`, async () => ({
    value: await holdSlots(await generatedRecording({ ...bench, inputBytes })),
  }));
}

async function holdSlots(input: RecordingInput): Promise<HeldSlots> {
  const { memory, bytes, origin } = await slotsOf(input);
  return { memory, bytes, origin, events: input.events, spans: cutSpans(memory, bytes, origin) };
}

/** Writes the slots again and again, so many times, to a fresh file. @returns events written */
export function writeSlots(
  { memory, spans, origin }: HeldSlots,
  path: string,
  passes: number,
  options: RecordingWriterOptions = {},
  afterPass: () => void = () => {},
): number {
  rmSync(path, { force: true });
  const writer = RecordingWriter.create(path, options);
  for (let pass = 0; pass < passes; pass++) {
    for (const { startWord, endWord } of spans) {
      writer.appendSlots(memory, startWord, endWord, origin);
    }
    afterPass();
  }
  return writer.close().events;
}

/** First and last time of the slots, ns. */
export function timesIn({ memory, spans }: HeldSlots): { firstNs: number; lastNs: number } {
  let firstNs = Infinity;
  let lastNs = 0;
  for (const { startWord, endWord } of spans) {
    eachSlot(memory, startWord, endWord, (word) => {
      const tsNs = timeAt(memory, word);
      firstNs = Math.min(firstNs, tsNs);
      lastNs = Math.max(lastNs, tsNs);
    });
  }
  return { firstNs, lastNs };
}

/** Makes every slot later, in place. */
export function delay({ memory, spans }: HeldSlots, byNs: number): void {
  for (const { startWord, endWord } of spans) {
    eachSlot(memory, startWord, endWord, (word) => {
      const tsNs = timeAt(memory, word) + byNs;
      memory.u32[word + LOW_TIME_WORD] = tsNs % 2 ** 32;
      memory.u32[word + HIGH_TIME_WORD] = Math.floor(tsNs / 2 ** 32);
    });
  }
}

/** Exact up to 2^53 ns, some hundred days of uptime. */
export function timeAt(memory: SlotMemory, word: number): number {
  return memory.u32[word + HIGH_TIME_WORD]! * 2 ** 32 + memory.u32[word + LOW_TIME_WORD]!;
}

function eachSlot(
  memory: SlotMemory,
  startWord: number,
  endWord: number,
  take: (word: number) => void,
): void {
  for (let word = startWord; word < endWord; word += (memory.u32[word]! + 8) >>> 2) take(word);
}
