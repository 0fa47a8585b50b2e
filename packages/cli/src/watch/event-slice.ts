import type { Batch } from '@sockflow/core';

/** A part of a batch, as encoders take batches: the events from `start`, `end` exclusive, and the markers among them. VALID UNTIL as the batch. */
export function sliceOf(batch: Batch, start: number, end: number): Batch {
  const { raw, origin, endTimeUs } = batch;
  if (start === 0 && end === raw.size) return batch;
  const isLast = end === raw.size;
  const markers = batch.markers
    .filter(({ beforeIndex: at }) => at >= start && (at < end || isLast))
    .map((marker) => ({ ...marker, beforeIndex: marker.beforeIndex - start }));
  const slice = {
    size: end - start,
    origin,
    endTimeUs,
    markers,
    raw: {
      ...raw,
      words: raw.words.subarray(start, end),
      size: end - start,
      markerCount: markers.length,
    },
    retain: () => sliceOf(batch.retain(), start, end),
  };
  return slice as unknown as Batch;
}
