import type { RunAcks } from './ack-log.ts';
import { slotWords } from './block-pool.ts';
import { compareSlots } from './compare-slots.ts';

/** Slots that a lane has sent, in the order of time. */
export interface MergeRun {
  readonly lane: number;
  /** Index among the lane's blocks. */
  readonly block: number;
  readonly words: Uint32Array;
  readonly startWord: number;
  /** Where its last slot begins. */
  readonly lastWord: number;
  /** Exclusive. */
  readonly endWord: number;
  readonly acks: RunAcks;
}

/** Runs of one lane that follow each other in the order of time: a lane whose events are in order has one such chain, one that reads groups of them has one for each. */
export class Chain {
  readonly lane: number;
  /** Chains of one lane by their age: what is equal in two of them came first in the older one. */
  readonly number: number;
  /** The oldest slot that is left: its words and where it begins. */
  words: Uint32Array;
  slot: number;
  #runs: MergeRun[];
  #next: number;

  constructor(run: MergeRun, number: number) {
    this.lane = run.lane;
    this.number = number;
    this.words = run.words;
    this.slot = run.startWord;
    this.#runs = [run];
    this.#next = 0;
  }

  /** Takes a run that begins where the chain ends, or later. */
  tryAppend(run: MergeRun): boolean {
    const last = this.#runs.at(-1) as MergeRun;
    if (compareSlots(last.words, last.lastWord, run.words, run.startWord) > 0) return false;
    this.#runs.push(run);
    return true;
  }

  /** Passes the oldest slot. @returns the run that is over by that, where one is */
  pass(): MergeRun | undefined {
    const run = this.#runs[this.#next] as MergeRun;
    this.slot += slotWords(this.words, this.slot);
    if (this.slot < run.endWord) return undefined;
    this.#next++;
    const next = this.#runs[this.#next];
    if (next === undefined) {
      this.slot = -1;
      return run;
    }
    this.words = next.words;
    this.slot = next.startWord;
    // Now and then, so that it costs nothing.
    if (this.#next >= 64) {
      this.#runs = this.#runs.slice(this.#next);
      this.#next = 0;
    }
    return run;
  }

  /** Of the run of its oldest slot, while there is one. */
  get acks(): RunAcks {
    return (this.#runs[this.#next] as MergeRun).acks;
  }

  /** Whether there is no slot left: then it takes no more. */
  get isEmpty(): boolean {
    return this.slot < 0;
  }

  isBefore(other: Chain): boolean {
    const order = compareSlots(this.words, this.slot, other.words, other.slot);
    if (order !== 0) return order < 0;
    return this.lane === other.lane ? this.number < other.number : this.lane < other.lane;
  }
}
