import { Kind, KIND_NAMES, type SourceCounts, type SourceLedger } from '@sockflow/core';

import type { NativeFates, NativeLaneCounters } from './native/binding-types.ts';

/** Slots that this side made for one lane: both count as made and submitted, class `last`. */
export interface MadeHere {
  readonly anchors: number;
  readonly lossMarkers: number;
}

/** Classes in the order in which they are shed. */
const CLASSES = ['first', 'last'] as const;

/** The source's part of the ledger: what the kernel program counted, and the markers that were made here. */
export function toSourceLedger(
  lanes: readonly NativeLaneCounters[],
  madeHere: readonly MadeHere[],
  isSettled: boolean,
): SourceLedger {
  return {
    counts: lanes.flatMap((counters, lane) =>
      CLASSES.map((name) => {
        const { anchors = 0, lossMarkers = 0 } = name === 'last' ? (madeHere[lane] ?? {}) : {};
        return toCounts(lane, name, counters[name], anchors + lossMarkers);
      }),
    ),
    madeByKind: madeByKind(lanes, madeHere),
    notes: notes(lanes),
    isSettled,
  };
}

function toCounts(lane: number, name: string, fates: NativeFates, made: number): SourceCounts {
  const { seen, submitted, filtered, folded, shed, lost, notAsked } = fates;
  return {
    lane,
    class: name,
    seen,
    made: fates.made + made,
    submitted: submitted + made,
    notAskedFor: notAsked,
    filtered,
    folded,
    shed,
    lost,
  };
}

function madeByKind(
  lanes: readonly NativeLaneCounters[],
  madeHere: readonly MadeHere[],
): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of Object.values(Kind)) {
    if (kind === Kind.OP) continue;
    let made = sum(lanes, (lane) => lane.madeByKind[kind] ?? 0);
    if (kind === Kind.CLOCK_ANCHOR) made += sum(madeHere, ({ anchors }) => anchors);
    if (kind === Kind.LOSS_MARKER) made += sum(madeHere, ({ lossMarkers }) => lossMarkers);
    counts[KIND_NAMES[kind] ?? String(kind)] = made;
  }
  return counts;
}

function notes(lanes: readonly NativeLaneCounters[]): Record<string, number> {
  return {
    flagsClobbered: sum(lanes, ({ flagsClobbered }) => flagsClobbered),
    opMisfit: sum(lanes, ({ opMisfit }) => opMisfit),
    storageFailed: sum(lanes, ({ storageFailed }) => storageFailed),
    takenIn: sum(lanes, ({ takenIn }) => takenIn),
    wakeups: sum(lanes, ({ wakeups }) => wakeups),
    samplesFolded: sum(lanes, ({ first, last }) => first.folded + last.folded),
    samplesTold: sum(lanes, ({ summarised }) => summarised),
  };
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
