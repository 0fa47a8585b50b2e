import { COUNTERS_OFFSET, SEQUENCE_I32 } from './layout.ts';

/** A lane publishes in under a microsecond, once a turn: many failures in a row mean that it died while publishing. */
const MOST_ATTEMPTS = 10_000;

/**
 * Copies a lane's published counters: one set, as the lane had counted at the end of one turn (L0b). Any thread.
 *
 * ORDER: sequence (Atomics.load) → counters (plain loads) → sequence (Atomics.load).
 *   PAIRS WITH the two stores in PublishedCounters.publish.
 */
export function readCounters(control: SharedArrayBuffer, counterCount: number): Float64Array {
  const words = new Int32Array(control, 0, COUNTERS_OFFSET / 4);
  const published = new Float64Array(control, COUNTERS_OFFSET, counterCount);
  const counts = new Float64Array(counterCount);
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const before = Atomics.load(words, SEQUENCE_I32);
    counts.set(published);
    if ((before & 1) === 0 && Atomics.load(words, SEQUENCE_I32) === before) break;
  }
  return counts;
}
