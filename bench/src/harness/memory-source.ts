import {
  Kind,
  type LaneSource,
  type Origin,
  type SlotMemory,
  type SlotSpan,
  type Source,
  SOURCE_END,
} from '@sockflow/core';

const SPAN_WORDS = 2 ** 20 / 4;

/** Word index where a span that starts at `word` ends: after the last whole slot within a MiB. */
function spanEnd(u32: Uint32Array, word: number, endWord: number): number {
  const limit = Math.min(word + SPAN_WORDS, endWord);
  let at = word;
  while (at < limit) {
    const next = at + ((u32[at]! + 8) >>> 2);
    if (next > limit) break;
    at = next;
  }
  return at;
}

/** Whether there are loss markers or clock anchors among these slots. */
function holdsMarkers(u32: Uint32Array, word: number, endWord: number): boolean {
  for (let at = word; at < endWord; at += (u32[at]! + 8) >>> 2) {
    const kind = u32[at + 2]! & 0xff;
    if (kind === Kind.LOSS_MARKER || kind === Kind.CLOCK_ANCHOR) return true;
  }
  return false;
}

/** Cuts slots that lie one after another into spans of at most a MiB. What is known of each is what the statistics of a recording's block say. */
export function cutSpans(memory: SlotMemory, bytes: number, origin: Origin): SlotSpan[] {
  const spans: SlotSpan[] = [];
  const traits = {
    memory,
    origin,
    mayBeBusy: false,
    mayHoldOtherLanes: false,
    endTimeUs: 0,
  };
  for (let word = 0; word < bytes / 4;) {
    const endWord = spanEnd(memory.u32, word, bytes / 4);
    const mayHoldMarkers = holdsMarkers(memory.u32, word, endWord);
    spans.push({ ...traits, mayHoldMarkers, startWord: word, endWord });
    word = endWord;
  }
  return spans;
}

/** A source over slots that are in memory already: what is measured is decoding, not reading. */
export function memorySource(spans: readonly SlotSpan[]): Source {
  return {
    name: 'memory',
    reportedOps: undefined,
    describePushDown: () => undefined,
    open: () =>
      Promise.resolve({
        laneData: () => undefined,
        totalBytes: undefined,
        close: () => Promise.resolve(),
      }),
    openLane: () => Promise.resolve(laneOf(spans)),
  };
}

function laneOf(spans: readonly SlotSpan[]): LaneSource {
  let index = 0;
  return {
    next: () => spans[index++] ?? SOURCE_END,
    wait: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}
