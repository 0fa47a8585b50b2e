import type { RawSelection } from './batch.ts';
import { type Marker, readMarker } from './marker.ts';

/** Copies the markers of a selection out of their slots, each with its place among the selected events. */
export function readMarkers(selection: RawSelection): readonly Marker[] {
  const { memory, words, size, markerWords, markerCount } = selection;
  const markers: Marker[] = [];
  let before = 0;
  for (let index = 0; index < markerCount; index++) {
    const w = markerWords[index]!;
    while (before < size && words[before]! < w) before++;
    markers.push(readMarker(memory, w, before));
  }
  return markers;
}
