import { type LaneSource, type Source, SOURCE_END, SOURCE_IDLE } from '../contracts/source.ts';
import type { SlotSpan } from '../slot/slot-span.ts';

/** What happened to a source of spans. */
export interface SpanSourceLog {
  asked: number;
  opened: number;
  closedLanes: number;
  closed: number;
  stopped?: number;
}

interface SpanSourceOptions {
  readonly reportedOps?: readonly number[];
  readonly idleEvery?: number;
  readonly log?: SpanSourceLog;
  /** Has nothing more after its spans, and waits for ever. */
  readonly isLive?: boolean;
  readonly stopError?: Error;
}

/** A source that gives spans from memory, one for each time it is asked; `idleEvery`: now and then it has nothing. */
export function spanSource(spans: readonly SlotSpan[], more: SpanSourceOptions = {}): Source {
  const log = more.log ?? { asked: 0, opened: 0, closedLanes: 0, closed: 0 };
  const stop = async (): Promise<void> => {
    log.stopped = (log.stopped ?? 0) + 1;
    if (more.stopError !== undefined) throw more.stopError;
  };
  return {
    name: 'memory',
    reportedOps: more.reportedOps,
    describePushDown: () => undefined,
    open: async () => {
      log.opened++;
      return {
        laneData: () => undefined,
        totalBytes: undefined,
        ...(more.isLive === true ? { stop } : {}),
        close: async () => {
          log.closed++;
        },
      };
    },
    openLane: async () => spanLane(spans, more, log),
  };
}

function spanLane(
  spans: readonly SlotSpan[],
  { idleEvery, isLive = false }: SpanSourceOptions,
  log: SpanSourceLog,
): LaneSource {
  let index = 0;
  let calls = 0;
  return {
    next: () => {
      calls++;
      if (idleEvery !== undefined && calls % idleEvery === 0) return SOURCE_IDLE;
      log.asked++;
      return spans[index++] ?? (isLive ? SOURCE_IDLE : SOURCE_END);
    },
    wait: () =>
      new Promise((resolve) => {
        if (!isLive) setImmediate(resolve);
      }),
    close: async () => {
      log.closedLanes++;
    },
  };
}
