import {
  type LaneCounter,
  LANE_COUNTERS,
  laneOf,
  type Plan,
  type SlotSpan,
  SOURCE_END,
  SOURCE_IDLE,
  walkSlots,
} from '@sockflow/core';

import { slotHex } from './random-slots.test.support.ts';
import { replay, type ReplayOptions } from './replay/replay.ts';

/** What one lane of a replay gave. */
export interface LaneTake {
  /** `origin:hex` of each of the lane's events, in order. */
  readonly events: string[];
  /** The same of markers. */
  readonly markers: string[];
  /** Events and markers in the order of the stream. */
  readonly stream: string[];
  readonly counters: Record<LaneCounter, number>;
  readonly endTimesUs: Map<string, number>;
}

export interface ReplayTake {
  readonly lanes: readonly LaneTake[];
  /** What `close` was rejected with. */
  readonly closeError: unknown;
}

/** Replays as lanes do, with the plainest possible walk; the lanes run one after the other. */
export async function replayAll(
  paths: string | readonly string[],
  options: ReplayOptions & { readonly lanes?: number; readonly plans?: readonly Plan[] } = {},
): Promise<ReplayTake> {
  const { lanes = 1, plans = [] } = options;
  const source = replay(paths, options);
  const opened = await source.open({ lanes, plans: [] });
  const takes: LaneTake[] = [];
  for (let lane = 0; lane < lanes; lane++) {
    const counters = Object.fromEntries(LANE_COUNTERS.map((name) => [name, 0])) as Record<
      LaneCounter,
      number
    >;
    const end = await source.openLane({
      lane,
      lanes,
      laneData: structuredClone(opened.laneData(lane)),
      plans,
      counters: { add: (counter, amount) => (counters[counter] += amount) },
    });
    const take: LaneTake = { events: [], markers: [], stream: [], counters, endTimesUs: new Map() };
    for (let span = end.next(); span !== SOURCE_END; span = end.next()) {
      if (span === SOURCE_IDLE) await end.wait(1);
      else takeSpan(span, lane, lanes, take);
    }
    await end.close();
    takes.push(take);
  }
  const closeError = await opened.close().then(
    () => undefined,
    (error: unknown) => error,
  );
  return { lanes: takes, closeError };
}

function takeSpan(span: SlotSpan, lane: number, lanes: number, take: LaneTake): void {
  const { memory, origin } = span;
  take.endTimesUs.set(origin.id, span.endTimeUs);
  walkSlots(span, (word) => {
    const kind = memory.u32[word + 2]! & 255;
    const isOwn = !span.mayHoldOtherLanes || laneOf(memory.u32[word + 11]!, lanes) === lane;
    const text = `${origin.id}:${slotHex(memory, word)}`;
    if (kind === 4 || kind === 5) {
      if (!span.mayHoldMarkers) throw new Error('a marker in a span that said it holds none');
      if (!isOwn && kind === 4) return;
      take.markers.push(text);
      take.stream.push(text);
      take.counters.markers++;
    } else if (isOwn) {
      take.events.push(text);
      take.stream.push(text);
      take.counters.read++;
    } else {
      take.counters.otherLanes++;
    }
  });
}
