import { lendBatch, type LentBatch, type RawSelection, SlotMemory } from '@sockflow/core';

import type { RunAcks } from './ack-log.ts';
import { slotWords } from './block-pool.ts';
import type { Chain, MergeRun } from './chain.ts';
import { isMarker, isSameAnchor, TIME_HIGH, TIME_LOW } from './compare-slots.ts';
import type { MergeOrigin } from './merge-origin.ts';
import type { MergeTaker } from './ordered-merge.ts';

const MAX_SLOTS = 1024;
const MEMORY_BYTES = 512 * 1024;
/** Words that two markers are told apart by. */
const MARKER_WORDS = 64;

/** A batch for the inner sink, and the run of each of its events. */
export interface Output extends LentBatch {
  readonly runs: readonly RunAcks[];
}

/** The next batch for the inner sink: slots of one origin, copied in their order into memory of its own, which is filled anew each time. */
export class OutputBatch implements MergeTaker {
  readonly #memory: SlotMemory;
  readonly #words: Uint32Array;
  readonly #markerWords: Uint32Array;
  #runs: RunAcks[];
  /** By origin: the beginning of the slot that was written last, in a batch before this one. */
  readonly #lastSlots: Map<MergeOrigin, Uint32Array>;
  readonly #done: (run: MergeRun) => void;
  #origin: MergeOrigin | undefined;
  /** The slot before: its words and where it begins; -1 where there is none. */
  #last: Uint32Array;
  #lastSlot: number;
  #endWord: number;
  #size: number;
  #markerCount: number;
  #late: number;

  /** @param done told of each run of which all was taken */
  constructor(done: (run: MergeRun) => void) {
    this.#memory = SlotMemory.allocate(MEMORY_BYTES);
    this.#words = new Uint32Array(MAX_SLOTS);
    this.#markerWords = new Uint32Array(MAX_SLOTS);
    this.#runs = [];
    this.#lastSlots = new Map();
    this.#done = done;
    this.#origin = undefined;
    this.#last = this.#memory.u32;
    this.#lastSlot = -1;
    this.#endWord = 0;
    this.#size = 0;
    this.#markerCount = 0;
    this.#late = 0;
  }

  /** Events that were written behind a later one, so far. */
  get late(): number {
    return this.#late;
  }

  take(chain: Chain, origin: MergeOrigin): boolean {
    const { words, slot } = chain;
    const count = slotWords(words, slot);
    const to = this.#memory.u32;
    const at = this.#endWord;
    if (this.#size + this.#markerCount === MAX_SLOTS || at + count > to.length) return false;
    if (this.#origin !== origin) {
      if (this.#origin !== undefined) return false;
      this.#begin(origin);
    }
    const isMark = isMarker(words, slot);
    if (this.#lastSlot >= 0) {
      if (isMark && isSameAnchor(this.#last, this.#lastSlot, words, slot)) return true;
      if (!isMark && compareTimes(this.#last, this.#lastSlot, words, slot) > 0) this.#late++;
    }
    for (let word = 0; word < count; word++) to[at + word] = words[slot + word]!;
    if (isMark) this.#markerWords[this.#markerCount++] = at;
    else {
      const { acks } = chain;
      acks.taken++;
      this.#runs.push(acks);
      this.#words[this.#size++] = at;
    }
    this.#last = to;
    this.#lastSlot = at;
    this.#endWord = at + count;
    return true;
  }

  done(run: MergeRun): void {
    this.#done(run);
  }

  /** What was taken, as a batch, where there is something; to be released before more is taken. */
  lend(): Output | undefined {
    const origin = this.#origin;
    if (origin === undefined) return undefined;
    const runs = this.#runs;
    this.#runs = [];
    const lent =
      this.#endWord === 0 ? undefined : lendBatch(this.#raw(), origin.origin, this.#timeUs());
    this.#end(origin);
    return lent === undefined ? undefined : { ...lent, runs };
  }

  #raw(): RawSelection {
    return {
      memory: this.#memory,
      words: this.#words,
      size: this.#size,
      markerWords: this.#markerWords,
      markerCount: this.#markerCount,
    };
  }

  #timeUs(): number {
    const [low, high] = [
      this.#last[this.#lastSlot + TIME_LOW]!,
      this.#last[this.#lastSlot + TIME_HIGH]!,
    ];
    return Math.floor(high * 4294967.296 + low / 1000);
  }

  #begin(origin: MergeOrigin): void {
    this.#origin = origin;
    const before = this.#lastSlots.get(origin);
    this.#last = before ?? this.#memory.u32;
    this.#lastSlot = before === undefined ? -1 : 0;
  }

  #end(origin: MergeOrigin): void {
    if (this.#endWord > 0) {
      const copy = this.#lastSlots.get(origin) ?? new Uint32Array(MARKER_WORDS);
      copy.set(this.#memory.u32.subarray(this.#lastSlot, this.#lastSlot + MARKER_WORDS));
      this.#lastSlots.set(origin, copy);
    }
    this.#origin = undefined;
    this.#endWord = 0;
    this.#size = 0;
    this.#markerCount = 0;
  }
}

function compareTimes(a: Uint32Array, slotA: number, b: Uint32Array, slotB: number): number {
  return (
    a[slotA + TIME_HIGH]! - b[slotB + TIME_HIGH]! || a[slotA + TIME_LOW]! - b[slotB + TIME_LOW]!
  );
}
