import {
  Kind,
  laneKey,
  type Origin,
  SLOT_BYTES,
  SLOT_STEP_BYTES,
  SlotMemory,
} from '@sockflow/core';

import type { WritableSelection } from './writer/recording-writer.ts';

/* Slots for tests of the format, which does not care what is in them: random words, with what statistics are made of set to collide often. */

export const ORIGIN_A: Origin = {
  id: 'boot-a',
  hostName: 'alpha',
  kernelRelease: '6.18.44',
  hz: 250,
  clock: { bootNs: 5_000_000_000n, realtimeNs: 1_790_000_000_123_456_789n },
  captured: 0xffff_ffff_ffff_fffen,
};
export const ORIGIN_B: Origin = { id: 'boot-b' };

/** A small seeded generator (mulberry32): the same seed gives the same slots. */
export function randomFrom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 0x100000000) * below);
  };
}

export interface RandomSlotsOptions {
  readonly count: number;
  readonly seed: number;
  /** One in so many is a marker; 0: none. */
  readonly markerEvery?: number;
  /** One in so many has 320 or 384 bytes; 0: none. */
  readonly longEvery?: number;
  readonly connections?: number;
  /** So many values a random word may have: few make slots that compress. 2^32 where not given. */
  readonly values?: number;
  /** Time of the first slot, us since boot. */
  readonly startUs?: number;
}

/** Slots side by side in memory. */
export interface RandomSlots {
  readonly memory: SlotMemory;
  readonly words: readonly number[];
  readonly endWord: number;
}

const PORTS = [80, 443, 7770, 41000, 50001, 60999];

export function randomSlots(options: RandomSlotsOptions): RandomSlots {
  const { count, seed, markerEvery = 0, longEvery = 0, connections = 20, startUs = 1000 } = options;
  const { values = 0x100000000 } = options;
  const random = randomFrom(seed);
  const memory = SlotMemory.allocate(Math.max(1, count) * (SLOT_BYTES + 2 * SLOT_STEP_BYTES));
  const { u32 } = memory;
  const words: number[] = [];
  let word = 0;
  let timeNs = BigInt(startUs) * 1000n;
  for (let index = 0; index < count; index++) {
    const isLong = longEvery > 0 && random(longEvery) === 0;
    const bytes = SLOT_BYTES + (isLong ? (1 + random(2)) * SLOT_STEP_BYTES : 0);
    for (let at = 2; at < bytes / 4; at++) u32[word + at] = random(values);
    u32[word] = bytes - 8;
    u32[word + 1] = 0;
    const kind = markerEvery > 0 && random(markerEvery) === 0 ? 4 + random(2) : eventKind(random);
    const op = kind === Kind.OP ? [3, 4, 10, 12, 19, 40][random(6)]! : 0;
    u32[word + 2] = kind | (op << 8) | (random(0x10000) << 16);
    timeNs += BigInt(random(3000)) - 500n;
    u32[word + 4] = Number(timeNs & 0xffffffffn);
    u32[word + 5] = Number(timeNs >> 32n);
    u32[word + 6] = random(connections);
    u32[word + 7] = 7;
    const remote = PORTS[random(PORTS.length)]!;
    const local = PORTS[random(PORTS.length)]!;
    u32[word + 10] = (local << 16) | ((remote & 255) << 8) | (remote >>> 8);
    u32[word + 11] = laneKey(u32[word + 6]!, 7);
    words.push(word);
    word += bytes / 4;
  }
  return { memory, words, endWord: word };
}

function eventKind(random: (below: number) => number): number {
  return random(10) === 0 ? [Kind.RTT_SUMMARY, Kind.SNAPSHOT, 7, 200][random(4)]! : Kind.OP;
}

export function isMarkerAt(memory: SlotMemory, word: number): boolean {
  const kind = memory.u32[word + 2]! & 255;
  return kind === Kind.LOSS_MARKER || kind === Kind.CLOCK_ANCHOR;
}

/** A batch as an encoder sees it, of those slots that `keep` says; markers are always kept. */
export function selectionOf(
  { memory, words }: RandomSlots,
  origin: Origin,
  keep: (word: number, index: number) => boolean = () => true,
): WritableSelection {
  const markerWords = words.filter((word) => isMarkerAt(memory, word));
  const selected = words.filter((word, index) => !isMarkerAt(memory, word) && keep(word, index));
  return {
    origin,
    raw: {
      memory,
      words: Uint32Array.from([...selected, 0xdead]),
      size: selected.length,
      markerWords: Uint32Array.from([...markerWords, 0xdead]),
      markerCount: markerWords.length,
    },
  };
}

/** A slot's bytes as hexadecimal text. */
export function slotHex(memory: SlotMemory, word: number): string {
  const bytes = (memory.u32[word]! & 0x3fffffff) + 8;
  return Buffer.from(memory.u8.subarray(word * 4, word * 4 + bytes)).toString('hex');
}

/** All slots as texts, in order. */
export function slotTexts(slots: RandomSlots): string[] {
  return slots.words.map((word) => slotHex(slots.memory, word));
}
