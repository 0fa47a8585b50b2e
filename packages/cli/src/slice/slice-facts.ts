import { existsSync } from 'node:fs';

import { openRecording, type Recording } from '@sockflow/source-replay';

import {
  formatAmount,
  formatBytes,
  formatCount,
  formatDurationUs,
  formatShare,
} from '../terminal/format.ts';

/** What a slice kept of what it was made of. */
export interface SliceFacts {
  readonly eventsBefore: number;
  readonly eventsKept: number;
  readonly eventsLeftOut: number;
  readonly markersKept: number;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  /** Event time from the first to the last slot of the slice. */
  readonly spanUs: number;
}

/** @returns what is in the slice; `undefined` where it was not completed. */
export function sliceFacts(inputs: readonly Recording[], output: string): SliceFacts | undefined {
  if (!existsSync(output)) return undefined;
  const { events, markers, sizeBytes, parts } = openRecording(output);
  const eventsBefore = inputs.reduce((sum, input) => sum + input.events, 0);
  let first = Infinity;
  let last = 0;
  for (const { blocks } of parts) {
    for (let row = 0; row < blocks.count; row++) {
      first = Math.min(first, blocks.firstTimeUs(row));
      last = Math.max(last, blocks.lastTimeUs(row));
    }
  }
  return {
    eventsBefore,
    eventsKept: events,
    eventsLeftOut: eventsBefore - events,
    markersKept: markers,
    bytesBefore: inputs.reduce((sum, input) => sum + input.sizeBytes, 0),
    bytesAfter: sizeBytes,
    spanUs: Math.max(0, last - first),
  };
}

/** `x.sfrec: kept 12 of 3,595 events (0.3 %), 2 markers; 914 KiB → 9.38 KiB, 1.2 s of events`. */
export function sliceText(output: string, facts: SliceFacts): string {
  const { eventsBefore, eventsKept, markersKept, bytesBefore, bytesAfter, spanUs } = facts;
  const markers = markersKept === 0 ? '' : `, ${formatAmount(markersKept, 'marker')}`;
  return [
    `${output}: kept ${formatCount(eventsKept)} of ${formatAmount(eventsBefore, 'event')} (${formatShare(eventsKept, eventsBefore)})${markers}, ${formatCount(facts.eventsLeftOut)} left out`,
    `${formatBytes(bytesBefore)} → ${formatBytes(bytesAfter)}, ${formatDurationUs(spanUs)} of events`,
  ].join('; ');
}
