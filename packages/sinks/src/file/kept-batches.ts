import type { Batch } from '@sockflow/core';

import type { FileWriter } from '../encodings/encoding.ts';

interface Kept {
  readonly batch: Batch;
  readonly bytes: number;
  readonly slots: number;
}

/** Batches that a part was given, copied, until it has them for good: so they can be given to another one. */
export class KeptBatches {
  #kept: Kept[];
  /** Of those, so many the part has taken whole. */
  #taken: number;
  /** Slots of the part before the first that is kept; below 0 where a part before had its first ones. */
  #startSlots: number;
  /** Slots of the part up to the first that it has not taken whole. */
  #takenSlots: number;
  #bytes: number;

  constructor() {
    this.#kept = [];
    this.#taken = 0;
    this.#startSlots = 0;
    this.#takenSlots = 0;
    this.#bytes = 0;
  }

  get bytes(): number {
    return this.#bytes;
  }

  push(batch: Batch): void {
    const copy = batch.retain();
    const bytes = copy.raw.memory.u8.length;
    this.#kept.push({ batch: copy, bytes, slots: batch.size + batch.raw.markerCount });
    this.#bytes += bytes;
  }

  /** Gives a part what it has not taken yet; after a throw, from where it stopped. */
  giveTo(part: FileWriter): void {
    for (let next = this.#kept[this.#taken]; next !== undefined; next = this.#kept[this.#taken]) {
      part.write(next.batch, part.slotsTaken - this.#takenSlots);
      this.#takenSlots += next.slots;
      this.#taken += 1;
    }
  }

  /** Forgets what lies within the first `slots` of the part. */
  drop(slots: number): void {
    let count = 0;
    for (const { slots: more, bytes } of this.#kept) {
      if (count === this.#taken || this.#startSlots + more > slots) break;
      this.#startSlots += more;
      this.#bytes -= bytes;
      count += 1;
    }
    this.#kept.splice(0, count);
    this.#taken -= count;
  }

  /** The part is given up, its first `slots` count: what follows them is for the next one. */
  startAnew(slots: number): void {
    this.drop(slots);
    this.#startSlots -= slots;
    this.#takenSlots = this.#startSlots;
    this.#taken = 0;
  }
}
