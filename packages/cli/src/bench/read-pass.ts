import { timedAsync, type Pass } from '@sockflow/benchmark';
import { type LaneCounter, SOURCE_END } from '@sockflow/core';
import { replay } from '@sockflow/source-replay';

/** Reads every block of recordings and checks its CRC, in this thread, and looks at no slot: nothing that reads them can be faster. */
export function readPass(recordings: readonly string[]): Promise<Pass> {
  return timedAsync(async () => {
    const source = replay(recordings);
    const counts = new Map<LaneCounter, number>();
    const opened = await source.open({ lanes: 1, plans: [] });
    const lane = await source.openLane({
      lane: 0,
      lanes: 1,
      laneData: opened.laneData(0),
      plans: [],
      counters: {
        add: (counter, amount) => void counts.set(counter, (counts.get(counter) ?? 0) + amount),
      },
    });
    while (lane.next() !== SOURCE_END);
    await lane.close();
    await opened.close();
    return `${counts.get('recorded') ?? 0} events`;
  });
}
