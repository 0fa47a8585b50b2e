import { LENGTH_MASK } from '../slot/layout.ts';
import { SlotMemory } from '../slot/slot-memory.ts';
import type { RawSelection } from './batch.ts';
import { Selection } from './selection.ts';

/** Runs of adjacent slots from here on are copied by the engine, shorter ones word by word: a `subarray` costs more than 256 stores. */
const BULK_WORDS = 512;

function slotWords(u32: Uint32Array, w: number): number {
  return ((u32[w]! & LENGTH_MASK) + 8) >>> 2;
}

function copyWords(
  from: Uint32Array,
  start: number,
  count: number,
  to: Uint32Array,
  at: number,
): void {
  if (count >= BULK_WORDS) {
    to.set(from.subarray(start, start + count), at);
    return;
  }
  for (let index = 0; index < count; index++) to[at + index] = from[start + index]!;
}

/** The selected slots and markers of `selection` in the order of their places, ascending. */
function merged(selection: RawSelection): Uint32Array {
  const { words, size, markerWords, markerCount } = selection;
  const all = new Uint32Array(size + markerCount);
  let event = 0;
  for (let index = 0, marker = 0; index < all.length; index++) {
    const isEvent =
      marker === markerCount || (event < size && words[event]! < markerWords[marker]!);
    all[index] = isEvent ? words[event++]! : markerWords[marker++]!;
  }
  return all;
}

/** Where each slot of `all` goes when they are packed from word 0. */
function packed(u32: Uint32Array, all: Uint32Array): { targets: Uint32Array; endWord: number } {
  const targets = new Uint32Array(all.length);
  let endWord = 0;
  for (let index = 0; index < all.length; index++) {
    targets[index] = endWord;
    endWord += slotWords(u32, all[index]!);
  }
  return { targets, endWord };
}

/**
 * Copies the selected slots and the markers into memory of their own, in the same order.
 *
 * The memory is an ordinary SharedArrayBuffer, 16 bytes off a cache line, not a WebAssembly.Memory: each of those reserves gigabytes of address space, and a pipeline may
 * hold thousands of retained batches.
 */
export function retainSlots(selection: RawSelection): Selection {
  const from = selection.memory.u32;
  const all = merged(selection);
  const { targets, endWord } = packed(from, all);
  const copy = new Selection(new SlotMemory(new SharedArrayBuffer(endWord * 4)));
  const to = copy.memory.u32;
  copy.words = new Uint32Array(selection.size);
  copy.markerWords = new Uint32Array(selection.markerCount);
  let runStart = 0;
  for (let index = 0; index < all.length; index++) {
    const w = all[index]!;
    const isMarker =
      copy.markerCount < selection.markerCount && selection.markerWords[copy.markerCount] === w;
    if (isMarker) copy.markerWords[copy.markerCount++] = targets[index]!;
    else copy.words[copy.size++] = targets[index]!;
    const end = w + slotWords(from, w);
    if (index + 1 < all.length && all[index + 1] === end) continue;
    copyWords(from, all[runStart]!, end - all[runStart]!, to, targets[runStart]!);
    runStart = index + 1;
  }
  return copy;
}
