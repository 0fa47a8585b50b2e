/**
 * Copies `words` (u32, a multiple of 8) from one memory to another; word indices as of their u32 arrays, both even.
 *
 * 64-bit elements, since the engine moves them through a register: half the time of a loop over u32, and less than `set` of a view, which shared memory makes slow.
 */
export function copySlot(
  target: BigUint64Array,
  targetWord: number,
  source: BigUint64Array,
  sourceWord: number,
  words: number,
): void {
  let to = targetWord >>> 1;
  let from = sourceWord >>> 1;
  for (const end = from + (words >>> 1); from < end; from += 4, to += 4) {
    target[to] = source[from] as bigint;
    target[to + 1] = source[from + 1] as bigint;
    target[to + 2] = source[from + 2] as bigint;
    target[to + 3] = source[from + 3] as bigint;
  }
}
