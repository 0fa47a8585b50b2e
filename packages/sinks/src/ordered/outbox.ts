import { baseOrigin, type Batch, type Origin, type RawSelection } from '@sockflow/core';

import { BlockPool, slotWords } from './block-pool.ts';
import type { LaneMessage } from './protocol.ts';
import { sortSelection } from './sort-selection.ts';

interface Run {
  readonly block: number;
  readonly origin: number;
  readonly startWord: number;
  /** Where its last slot begins. */
  lastWord: number;
  /** Exclusive. */
  endWord: number;
}

interface LaneOrigin {
  readonly origin: Origin;
  /** The latest that was said. */
  timeUs: number;
  isTimeSent: boolean;
}

/** What a lane has copied and not yet sent: runs of slots, and how late it is. */
export class Outbox {
  readonly #pool: BlockPool;
  readonly #origins: Map<string, number>;
  readonly #lane: LaneOrigin[];
  #sentOrigins: number;
  #runs: Run[];
  #isTimeUnsent: boolean;
  #sorted: Uint32Array;
  #bytes: number;

  constructor(blockBytes: number) {
    this.#pool = new BlockPool(blockBytes);
    this.#origins = new Map();
    this.#lane = [];
    this.#sentOrigins = 0;
    this.#runs = [];
    this.#isTimeUnsent = false;
    this.#sorted = new Uint32Array(0);
    this.#bytes = 0;
  }

  /** Of the slots in it. */
  get bytes(): number {
    return this.#bytes;
  }

  get isEmpty(): boolean {
    return this.#runs.length === 0 && !this.#isTimeUnsent;
  }

  get allocatedBytes(): number {
    return this.#pool.allocatedBytes;
  }

  /** Copies the selected slots and the markers, in the order of time. */
  add(batch: Batch): void {
    const origin = this.#originOf(batch.origin);
    const { raw } = batch;
    this.#sorted = sortSelection(raw, this.#sorted);
    this.#copy(raw, origin);
  }

  /** No event of the origin that is added from now on is older. */
  setTime(origin: Origin, timeUs: number): void {
    const own = this.#lane[this.#originOf(origin)] as LaneOrigin;
    if (timeUs <= own.timeUs) return;
    own.timeUs = timeUs;
    own.isTimeSent = false;
    this.#isTimeUnsent = true;
  }

  /** The collector has done with so many words of a block. */
  free(block: number, words: number): void {
    this.#pool.free(block, words);
  }

  /** Everything that was not sent, as a message; then there is nothing left. */
  take(): Pick<LaneMessage, 'origins' | 'blocks' | 'runs' | 'times'> {
    const origins = this.#lane.slice(this.#sentOrigins).map(({ origin }) => origin);
    this.#sentOrigins = this.#lane.length;
    const runs = this.#runs.flatMap((run) => [
      run.block,
      run.origin,
      run.startWord,
      run.lastWord,
      run.endWord,
    ]);
    const times: number[] = [];
    for (const [index, own] of this.#lane.entries()) {
      if (own.isTimeSent) continue;
      own.isTimeSent = true;
      times.push(index, own.timeUs);
    }
    this.#runs = [];
    this.#isTimeUnsent = false;
    this.#bytes = 0;
    return { origins, blocks: this.#pool.takeNewBuffers(), runs, times };
  }

  #originOf(origin: Origin): number {
    const known = this.#origins.get(origin.id);
    if (known !== undefined) return known;
    const index = this.#lane.length;
    this.#origins.set(origin.id, index);
    this.#lane.push({ origin: baseOrigin(origin), timeUs: 0, isTimeSent: true });
    return index;
  }

  #copy(raw: RawSelection, origin: number): void {
    const from = raw.memory.u32;
    const count = raw.size + raw.markerCount;
    let run: Run | undefined;
    for (let index = 0; index < count; index++) {
      const slot = this.#sorted[index]!;
      const words = slotWords(from, slot);
      const isBlockFull = !this.#pool.hasRoom(words);
      const { block, startWord } = this.#pool.put(from, slot, words);
      if (run === undefined || isBlockFull) {
        run = { block, origin, startWord, lastWord: startWord, endWord: startWord };
        this.#runs.push(run);
      }
      run.lastWord = startWord;
      run.endWord = startWord + words;
      this.#bytes += words * 4;
    }
  }
}
