import { type Source, SOURCE_END, SOURCE_IDLE } from '../contracts/source.ts';
import type { SlotSpan } from '../slot/slot-span.ts';

/** What happened to a source of spans. */
export interface SpanSourceLog {
  asked: number;
  opened: number;
  closedLanes: number;
  closed: number;
}

/** A source that gives spans from memory, one for each time it is asked; `idleEvery`: now and then it has nothing. */
export function spanSource(
  spans: readonly SlotSpan[],
  more: { reportedOps?: readonly number[]; idleEvery?: number; log?: SpanSourceLog } = {},
): Source {
  const log = more.log ?? { asked: 0, opened: 0, closedLanes: 0, closed: 0 };
  return {
    name: 'memory',
    reportedOps: more.reportedOps,
    describePushDown: () => undefined,
    open: async () => {
      log.opened++;
      return {
        laneData: () => undefined,
        totalBytes: undefined,
        close: async () => {
          log.closed++;
        },
      };
    },
    openLane: async () => {
      let index = 0;
      let calls = 0;
      return {
        next: () => {
          calls++;
          if (more.idleEvery !== undefined && calls % more.idleEvery === 0) return SOURCE_IDLE;
          log.asked++;
          return spans[index++] ?? SOURCE_END;
        },
        wait: () =>
          new Promise((resolve) => {
            setImmediate(resolve);
          }),
        close: async () => {
          log.closedLanes++;
        },
      };
    },
  };
}
