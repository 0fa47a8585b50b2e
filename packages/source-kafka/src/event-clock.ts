import type { Origin } from '@sockflow/core';

import type { LanePartition } from './lane-partition.ts';

/** A partition whose records were sent at most so long ago is read as they come: it holds nobody's time back, */
const LIVE_WITHIN_MS = 2000;
/** but events may come that are by so much older than others. */
const SLACK_US = LIVE_WITHIN_MS * 1000;

interface OriginTimes {
  origin: Origin;
  readonly lastUs: Map<LanePartition, number>;
  endTimeUs: number;
}

/**
 * Event time of each origin over the partitions of a lane: no event that comes later is older, as far as that can be known. A partition that still has to catch up holds the time of an
 * origin at the last event it gave of it; what a partition gives that was only just assigned may be older all the same.
 */
export class EventClock {
  readonly #origins: Map<string, OriginTimes>;

  constructor() {
    this.#origins = new Map();
  }

  /** Notes the latest event of a span. @returns the end time of that span, us since boot */
  advance(
    origin: Origin,
    partition: LanePartition,
    lastTimeUs: number,
    all: readonly LanePartition[],
  ): number {
    let times = this.#origins.get(origin.id);
    if (times === undefined) {
      times = { origin, lastUs: new Map(), endTimeUs: 0 };
      this.#origins.set(origin.id, times);
    }
    times.origin = origin;
    const beforeUs = times.lastUs.get(partition) ?? 0;
    if (lastTimeUs > beforeUs) times.lastUs.set(partition, lastTimeUs);
    times.endTimeUs = Math.max(times.endTimeUs, timeOver(times, all));
    return times.endTimeUs;
  }

  forget(partition: LanePartition): void {
    for (const { lastUs } of this.#origins.values()) lastUs.delete(partition);
  }

  /** The partition goes on as another object. */
  replace(before: LanePartition, after: LanePartition): void {
    for (const { lastUs } of this.#origins.values()) {
      const timeUs = lastUs.get(before);
      if (timeUs === undefined) continue;
      lastUs.delete(before);
      lastUs.set(after, timeUs);
    }
  }

  /** Each origin and the time of its last event: nothing more will come. */
  *endTimes(): Iterable<readonly [origin: Origin, endTimeUs: number]> {
    for (const { origin, lastUs, endTimeUs } of this.#origins.values()) {
      yield [origin, Math.max(endTimeUs, ...lastUs.values())];
    }
  }
}

function timeOver({ lastUs }: OriginTimes, all: readonly LanePartition[]): number {
  const nowMs = Date.now();
  let latestUs = 0;
  let heldAtUs = Infinity;
  for (const partition of all) {
    const ownUs = lastUs.get(partition) ?? 0;
    if (ownUs > latestUs) latestUs = ownUs;
    const isLive = partition.isCaughtUp || nowMs - partition.sentMs < LIVE_WITHIN_MS;
    if (!isLive && ownUs < heldAtUs) heldAtUs = ownUs;
  }
  return Math.max(0, Math.min(latestUs - SLACK_US, heldAtUs));
}
