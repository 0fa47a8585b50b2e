import { basename } from 'node:path';

import { type Origin, SlotMemory, type SlotSpan } from '@sockflow/core';

import type { BenchRun } from '../../harness/bench-case.ts';
import { cachedFile } from '../../harness/cached-file.ts';
import { cutSpans } from '../../harness/memory-source.ts';
import { generatedRecording } from '../../harness/recording-input.ts';
import { slotsOf } from '../../harness/slot-input.ts';

/** Slots of the generated recording in memory, and the same bytes in a file for the other side. */
export interface HeldInput {
  /** Slots of {@link times} times the recording, one after another. */
  readonly memory: SlotMemory;
  readonly origin: Origin;
  readonly bytes: number;
  readonly events: number;
  /** The recording's slots once. */
  readonly slotsPath: string;
  readonly times: number;
}

/** Holds the generated recording of so many bytes, `times` times. */
export async function holdInput(
  bench: BenchRun,
  inputBytes: number,
  times = 1,
): Promise<HeldInput> {
  const recording = await generatedRecording({ ...bench, inputBytes });
  const once = await slotsOf(recording);
  const slots = once.memory.u8.subarray(0, once.bytes);
  const slotsPath = cachedFile(`${basename(recording.path)}.slots`, slots);
  const { origin } = once;
  const bytes = once.bytes * times;
  const memory = times === 1 ? once.memory : SlotMemory.allocate(bytes);
  if (times > 1) {
    for (let at = 0; at < times; at++) memory.u8.set(slots, at * once.bytes);
  }
  return { memory, origin, bytes, events: recording.events * times, slotsPath, times };
}

/** The first slots in spans of at most a MiB, as a recording gives them. */
export function spansOf(input: HeldInput, endBytes: number = input.bytes): readonly SlotSpan[] {
  return cutSpans(input.memory, endBytes, input.origin);
}

/** All slots in spans of so many: a batch each. */
export function spansOfSlots(input: HeldInput, slotsInSpan: number): readonly SlotSpan[] {
  const spans: SlotSpan[] = [];
  const { memory, origin, bytes } = input;
  for (let startWord = 0; startWord < bytes / 4;) {
    const endWord = wordBehind(memory, startWord, slotsInSpan, bytes / 4);
    spans.push({
      memory,
      origin,
      startWord,
      endWord,
      mayBeBusy: false,
      mayHoldOtherLanes: false,
      mayHoldMarkers: true,
      endTimeUs: 0,
    });
    startWord = endWord;
  }
  return spans;
}

/** Bytes that the first so many slots take. */
export function bytesOfSlots({ memory, bytes }: HeldInput, slots: number): number {
  return wordBehind(memory, 0, slots, bytes / 4) * 4;
}

/** Word index behind so many slots from `startWord` on, or `endWord` where there are fewer. */
function wordBehind(
  { u32 }: SlotMemory,
  startWord: number,
  slots: number,
  endWord: number,
): number {
  let word = startWord;
  for (let slot = 0; slot < slots && word < endWord; slot++) {
    word += ((u32[word] as number) + 8) >>> 2;
  }
  return word;
}
