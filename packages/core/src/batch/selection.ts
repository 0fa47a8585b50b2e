import type { SlotMemory } from '../slot/slot-memory.ts';
import type { RawSelection } from './batch.ts';

const NO_WORDS = new Uint32Array(0);

/** The word indices of a batch, in memory that is filled again for the next one. */
export class Selection implements RawSelection {
  memory: SlotMemory;
  words: Uint32Array;
  size: number;
  markerWords: Uint32Array;
  markerCount: number;

  constructor(memory: SlotMemory) {
    this.memory = memory;
    this.words = NO_WORDS;
    this.size = 0;
    this.markerWords = NO_WORDS;
    this.markerCount = 0;
  }

  /** Makes room for `slots` selected slots; what was selected is lost. */
  reserve(slots: number): void {
    if (this.words.length < slots) this.words = new Uint32Array(roundUp(slots));
  }

  /** Makes room for `slots` markers; what was there is lost. */
  reserveMarkers(slots: number): void {
    if (this.markerWords.length < slots) this.markerWords = new Uint32Array(roundUp(slots));
  }
}

function roundUp(slots: number): number {
  return Math.max(64, 2 ** Math.ceil(Math.log2(slots)));
}
