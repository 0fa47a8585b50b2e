import { Kind } from '@sockflow/core';

/* Words of a slot, from its start: those of its first cache line, where every kind of slot has the same. */
const KIND = 2;
export const TIME_LOW = 4;
export const TIME_HIGH = 5;
const COOKIE = 6;
const NETNS_COOKIE = 8;
const SLOT_WORDS = 64;

/** Clocks first, then what is missing, then events. */
function rankOf(words: Uint32Array, slot: number): number {
  const kind = words[slot + KIND]! & 0xff;
  if (kind === Kind.CLOCK_ANCHOR) return 0;
  return kind === Kind.LOSS_MARKER ? 1 : 2;
}

/**
 * The order of an output: by time in ns; of the same time, clock anchors before loss markers before events, and those by socket cookie and network namespace. What is equal then is of one
 * connection, hence of one lane, and stays in the order of that lane: so the order is the same for any number of lanes.
 */
export function compareSlots(a: Uint32Array, slotA: number, b: Uint32Array, slotB: number): number {
  const high = a[slotA + TIME_HIGH]! - b[slotB + TIME_HIGH]!;
  if (high !== 0) return high;
  const low = a[slotA + TIME_LOW]! - b[slotB + TIME_LOW]!;
  return low === 0 ? compareTies(a, slotA, b, slotB) : low;
}

function compareTies(a: Uint32Array, slotA: number, b: Uint32Array, slotB: number): number {
  const rank = rankOf(a, slotA);
  const ranks = rank - rankOf(b, slotB);
  if (ranks !== 0) return ranks;
  for (let word = COOKIE; word < NETNS_COOKIE + 2; word += 2) {
    const high = a[slotA + word + 1]! - b[slotB + word + 1]!;
    if (high !== 0) return high;
    const low = a[slotA + word]! - b[slotB + word]!;
    if (low !== 0) return low;
  }
  return rank === 2 ? 0 : compareWords(a, slotA, b, slotB);
}

/** Of markers, whatever is in them: what is equal then is one marker that several lanes were given. */
function compareWords(a: Uint32Array, slotA: number, b: Uint32Array, slotB: number): number {
  for (let word = KIND; word < SLOT_WORDS; word++) {
    const difference = a[slotA + word]! - b[slotB + word]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Whether two slots are the same clock anchor: every lane is given each. */
export function isSameAnchor(
  a: Uint32Array,
  slotA: number,
  b: Uint32Array,
  slotB: number,
): boolean {
  return rankOf(a, slotA) === 0 && compareSlots(a, slotA, b, slotB) === 0;
}

/** Whether a slot is a clock anchor or a loss marker. */
export function isMarker(words: Uint32Array, slot: number): boolean {
  return rankOf(words, slot) < 2;
}
