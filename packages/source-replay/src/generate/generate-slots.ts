import { type Origin, SlotMemory, type SlotSpan } from '@sockflow/core';

import { type GenerateOptions, settingsOf } from './generate-options.ts';
import { generatedOrigin } from './generated-origin.ts';
import { type GenerateSummary, Simulation } from './simulation.ts';

const SPAN_BYTES = 1 << 20;

/** Generated events in memory. */
export interface GeneratedSlots {
  readonly spans: readonly SlotSpan[];
  readonly origin: Origin;
  readonly summary: GenerateSummary;
}

/** Generates events into memory of at most `spanBytes` a span: for tests and benchmarks that need no file. */
export function generateSlots(
  options: GenerateOptions & { readonly spanBytes?: number },
): GeneratedSlots {
  const settings = settingsOf(options);
  const simulation = new Simulation(settings);
  const origin = generatedOrigin(settings.seed);
  const spans: SlotSpan[] = [];
  for (;;) {
    const memory = SlotMemory.allocate(options.spanBytes ?? SPAN_BYTES);
    const endWord = simulation.fill(memory.u32, 0, memory.u32.length);
    if (endWord === 0) {
      break;
    }
    spans.push({
      memory,
      startWord: 0,
      endWord,
      origin,
      mayBeBusy: false,
      mayHoldOtherLanes: true,
      mayHoldMarkers: false,
      endTimeUs: Math.floor(simulation.timeNs / 1000),
    });
  }
  return { spans, origin, summary: simulation.summary() };
}
