import type { RawSelection } from '@sockflow/core';

import { compareSlots } from './compare-slots.ts';

/** The selected slots and the markers of a batch by their place, as word indices; `into` is used again where it is long enough. */
function gather(selection: RawSelection, into: Uint32Array): Uint32Array {
  const { words, size, markerWords, markerCount } = selection;
  const count = size + markerCount;
  const all = into.length < count ? new Uint32Array(count * 2) : into;
  if (markerCount === 0) {
    all.set(words.subarray(0, size));
    return all;
  }
  for (let index = 0, event = 0, marker = 0; index < count; index++) {
    const isEvent =
      marker === markerCount || (event < size && words[event]! < markerWords[marker]!);
    all[index] = isEvent ? words[event++]! : markerWords[marker++]!;
  }
  return all;
}

/**
 * The selected slots and the markers of a batch in the order of an output, the first `size + markerCount` of what it gives. Almost always that is the order in which they lie: then it
 * costs one comparison each.
 */
export function sortSelection(selection: RawSelection, into: Uint32Array): Uint32Array {
  const all = gather(selection, into);
  const count = selection.size + selection.markerCount;
  const { u32 } = selection.memory;
  for (let index = 1; index < count; index++) {
    if (compareSlots(u32, all[index - 1]!, u32, all[index]!) <= 0) continue;
    // What is equal stays in its place: the lower word comes first.
    all.subarray(0, count).sort((a, b) => compareSlots(u32, a, u32, b) || a - b);
    break;
  }
  return all;
}
