import { basename } from 'node:path';

import { SlotMemory, SOURCE_END, SOURCE_IDLE, type SlotSpan, type Source } from '@sockflow/core';
import { replay } from '@sockflow/source-replay';

import type { BenchRun } from './bench-case.ts';
import { cachedFile } from './cached-file.ts';
import { cutSpans } from './memory-source.ts';
import { fixtureRecording, generatedRecording, type RecordingInput } from './recording-input.ts';
import { shared } from './shared.ts';

/** Slots in memory, and the same bytes in a file for the other side. */
export interface SlotInput {
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
  readonly events: number;
  readonly spans: readonly SlotSpan[];
  /** Whether it is larger than any cache: budgets are for those. */
  readonly isLarge: boolean;
}

/** The generated input and, beside it, the small real one; loaded once for all cases of a suite. */
export function loadInput(bench: Pick<BenchRun, 'inputBytes' | 'note'>): Promise<SlotInput[]> {
  return shared(`slots of ${bench.inputBytes}`, async () => ({
    value: [await load(await generatedRecording(bench)), await load(fixtureRecording())],
  }));
}

/** All slots of a recording in memory, one after another. */
export async function slotsOf(
  recording: RecordingInput,
): Promise<{ memory: SlotMemory; bytes: number; origin: SlotSpan['origin'] }> {
  const memory = SlotMemory.allocate(recording.bytes);
  return { memory, ...(await copySlots(replay(recording.path), memory)) };
}

async function load(recording: RecordingInput): Promise<SlotInput> {
  const { memory, bytes, origin } = await slotsOf(recording);
  const path = cachedFile(`${basename(recording.path)}.slots`, memory.u8.subarray(0, bytes));
  const { name, events, isLarge } = recording;
  return { name, path, bytes, events, spans: cutSpans(memory, bytes, origin), isLarge };
}

/** Copies all slots of a source of one origin, one after another. */
async function copySlots(
  source: Source,
  memory: SlotMemory,
): Promise<{ bytes: number; origin: SlotSpan['origin'] }> {
  const opened = await source.open({ lanes: 1, plans: [] });
  const lane = await source.openLane({
    lane: 0,
    lanes: 1,
    laneData: opened.laneData(0),
    plans: [],
    counters: { add: () => {} },
  });
  let bytes = 0;
  let origin: SlotSpan['origin'] = { id: 'none' };
  for (let span = lane.next(); span !== SOURCE_END; span = lane.next()) {
    if (span === SOURCE_IDLE) continue;
    memory.u8.set(span.memory.u8.subarray(span.startWord * 4, span.endWord * 4), bytes);
    bytes += (span.endWord - span.startWord) * 4;
    origin = span.origin;
  }
  await lane.close();
  await opened.close();
  return { bytes, origin };
}
