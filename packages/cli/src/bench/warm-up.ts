import { setTimeout } from 'node:timers/promises';

import {
  fromSource,
  type LaneSource,
  type PipelineDefinition,
  type Source,
  SOURCE_END,
  SOURCE_IDLE,
} from '@sockflow/core';

/* An output that never completes (merged with an interval, say) is left after so long. */
const LONGEST_MS = 3000;
const BYTES_PER_WORD = 4;
/* Where the core keeps the lane of a thread: what a pipeline emits while it warms up goes nowhere. */
const LANE_SCOPE = Symbol.for('sockflow.lane-scope');

type ScopedGlobal = typeof globalThis & { [LANE_SCOPE]?: unknown };
type Outputs = ReturnType<PipelineDefinition['events']>;

/**
 * Runs a pipeline's operators over the first bytes of a source, in this thread, and drops what comes out: each lane is a fresh thread, and its first tenths of a second go into compiling. What
 * fails here fails in the run too, where it is told.
 */
export async function warmUp(
  source: Source,
  events: PipelineDefinition['events'],
  bytes: number,
  longestMs: number = LONGEST_MS,
): Promise<void> {
  const scope = globalThis as ScopedGlobal;
  const before = scope[LANE_SCOPE];
  scope[LANE_SCOPE] = { emit: () => {} };
  const subscriptions: { unsubscribe(): void }[] = [];
  try {
    const outputs = listOf(events(fromSource(beginningOf(source, bytes), { views: 'reused' })));
    const ends = outputs.map(
      (output) =>
        new Promise<void>((resolve) => {
          const end = (): void => resolve();
          subscriptions.push(output.subscribe({ error: end, complete: end }));
        }),
    );
    const late = new AbortController();
    await Promise.race([
      Promise.all(ends),
      setTimeout(longestMs, undefined, { signal: late.signal }).catch(() => {}),
    ]);
    late.abort();
  } catch {
    // The run tells it.
  } finally {
    for (const subscription of subscriptions) subscription.unsubscribe();
    scope[LANE_SCOPE] = before;
  }
}

type Output = Extract<Outputs, { subscribe: unknown }>;

function listOf(outputs: Outputs): readonly Output[] {
  return 'subscribe' in outputs && typeof outputs.subscribe === 'function'
    ? [outputs as Output]
    : Object.values(outputs as Readonly<Record<string, Output>>);
}

function beginningOf(source: Source, bytes: number): Source {
  return {
    name: source.name,
    reportedOps: source.reportedOps,
    describePushDown: (filter) => source.describePushDown(filter),
    open: (context) => source.open(context),
    openLane: async (context) => shortLane(await source.openLane(context), bytes),
  };
}

function shortLane(lane: LaneSource, bytes: number): LaneSource {
  let leftBytes = bytes;
  return {
    next: (walkedToWord) => {
      if (leftBytes <= 0) return SOURCE_END;
      const span = lane.next(walkedToWord);
      if (span !== SOURCE_END && span !== SOURCE_IDLE)
        leftBytes -= (span.endWord - span.startWord) * BYTES_PER_WORD;
      return span;
    },
    wait: (timeoutMs) => lane.wait(timeoutMs),
    close: () => lane.close(),
  };
}
