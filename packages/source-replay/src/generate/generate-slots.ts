import { type Origin, SlotMemory, type SlotSpan } from '@sockflow/core';

import { type GenerateOptions, settingsOf } from './generate-options.ts';
import { Generation } from './generation.ts';
import type { GenerateSummary } from './simulation.ts';
import type { ConnectionTruth } from './truth.ts';

const SPAN_BYTES = 1 << 20;

/** Generated events in memory. */
export interface GeneratedSlots {
  readonly spans: readonly SlotSpan[];
  /** The host; with several the first, and each span names its own. */
  readonly origin: Origin;
  readonly summary: GenerateSummary;
  /** What happened to each connection, in the order of last events, where it was asked for. */
  readonly truth: readonly ConnectionTruth[];
}

/** What to generate, and in which pieces. */
export interface GenerateSlotsOptions extends GenerateOptions {
  readonly spanBytes?: number;
  /** Whether `truth` is filled. */
  readonly wantsTruth?: boolean;
}

/** Generates events into memory of at most `spanBytes` a span: for tests and benchmarks that need no file. */
export function generateSlots(options: GenerateSlotsOptions): GeneratedSlots {
  const settings = settingsOf(options);
  const truth: ConnectionTruth[] = [];
  const onTruth = options.wantsTruth === true ? truth.push.bind(truth) : undefined;
  const generation = new Generation(settings, onTruth);
  const spans: SlotSpan[] = [];
  for (;;) {
    const memory = SlotMemory.allocate(options.spanBytes ?? SPAN_BYTES);
    const endWord = generation.fill(memory);
    if (endWord === 0) {
      break;
    }
    spans.push({
      memory,
      startWord: 0,
      endWord,
      origin: generation.origin,
      mayBeBusy: false,
      mayHoldOtherLanes: true,
      mayHoldMarkers: false,
      endTimeUs: Math.floor(generation.timeNs / 1000),
    });
  }
  const [origin] = generation.origins as [Origin];
  return { spans, origin, summary: generation.summary(), truth };
}
