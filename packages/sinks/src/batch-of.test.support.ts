import {
  type Batch,
  type EventView,
  type Marker,
  type Origin,
  type SlotMemory,
  SlotView,
} from '@sockflow/core';

export const ORIGIN: Origin = { id: 'test-origin', hz: 250 };

/** A batch of the slots at `words`, as a sink sees one. */
export function batchOf(
  memory: SlotMemory,
  words: readonly number[],
  origin: Origin = ORIGIN,
  markers: readonly Marker[] = [],
): Batch {
  const view = new SlotView(memory.u32, memory.big, 0, origin);
  const at = (index: number): EventView => {
    view.w = words[index]!;
    return view;
  };
  const batch: Batch = {
    size: words.length,
    origin,
    endTimeUs: 0,
    markers,
    at,
    forEach: (step) => words.forEach((_, index) => step(at(index), index)),
    retain: () => batch,
    toObjects: () => words.map((_, index) => at(index).toObject()),
    toJSON: () => batch.toObjects(),
    *[Symbol.iterator]() {
      for (const index of words.keys()) yield at(index);
    },
    raw: {
      memory,
      words: Uint32Array.from(words),
      size: words.length,
      markerWords: new Uint32Array(markers.length),
      markerCount: markers.length,
    },
  };
  return batch;
}
