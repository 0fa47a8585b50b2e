import type { LaneSource, Source, SourceLaneContext } from '@sockflow/core';

import { HeapWatch } from './heap-watch.ts';
import { noteLane } from './lane-marks.ts';

/**
 * A source as it is, with what its lanes take from their first slots on until their sinks are closed: a lane closes its source after those. Threads that start, modules that load and sinks that
 * open come before and are not what is asked for.
 */
export function measuredSource(source: Source, marks: SharedArrayBuffer): Source {
  return {
    name: source.name,
    reportedOps: source.reportedOps,
    inputs: () => source.inputs?.() ?? [],
    describePushDown: (filter) => source.describePushDown(filter),
    open: (context) => source.open(context),
    openLane: async (context) => measuredLane(await source.openLane(context), context, marks),
  };
}

function measuredLane(
  inner: LaneSource,
  { lane }: SourceLaneContext,
  marks: SharedArrayBuffer,
): LaneSource {
  let stop: (() => void) | undefined;
  return {
    next: (walkedToWord) => {
      stop ??= startNotes(marks, lane);
      return inner.next(walkedToWord);
    },
    wait: (timeoutMs) => inner.wait(timeoutMs),
    close: async () => {
      stop?.();
      stop = () => {};
      await inner.close();
    },
  };
}

/** @returns what ends it. */
function startNotes(marks: SharedArrayBuffer, lane: number): () => void {
  const heap = new HeapWatch();
  const cpuStartUs = cpuUs();
  const startNs = nowNs();
  return () => {
    const [endNs, cpuEndUs] = [nowNs(), cpuUs()];
    noteLane(marks, lane, { startNs, endNs, cpuStartUs, cpuEndUs, ...heap.stop() });
  };
}

/** Exact for hundred days since boot, to 2 ns after. */
function nowNs(): number {
  return Number(process.hrtime.bigint());
}

function cpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}
