import { COUNTERS_OFFSET, PUBLISHED_I32 } from './layout.ts';

/** An attempt fails only where the lane ends a turn meanwhile: copying takes well under a microsecond, a turn some. */
const MOST_ATTEMPTS = 100_000;

/**
 * Copies a lane's published counters into `counts`: one set, as the lane had counted at the end of one turn (L0b). Any thread.
 *
 * ORDER: published (Atomics.load) → its set (Atomics.load of each word) → published (Atomics.load).
 *   PAIRS WITH the stores in PublishedCounters.publish. The set is not written again before the number changes: an unchanged number means that it was whole.
 *
 * @returns false where the lane published too fast to be read: `counts` is rubbish then.
 */
export function readCounters(control: SharedArrayBuffer, counts: Float64Array): boolean {
  const { buffer, byteOffset, byteLength } = counts;
  const words = new Int32Array(buffer, byteOffset, byteLength / 4);
  const head = new Int32Array(control, 0, COUNTERS_OFFSET / 4);
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const published = Atomics.load(head, PUBLISHED_I32);
    const setOffset = COUNTERS_OFFSET + (published & 1) * byteLength;
    const set = new Int32Array(control, setOffset, words.length);
    for (let index = 0; index < words.length; index++) words[index] = Atomics.load(set, index);
    if (Atomics.load(head, PUBLISHED_I32) === published) return true;
  }
  return false;
}
