import { type Batch, isBatch, lendBatch } from '@sockflow/core';

import { detached } from '../detached.ts';
import { packWhole, unpackWhole } from '../encodings/msgpack/msgpack-whole.ts';

/** A batch or a value that is kept (Q1): a copy of its own. */
export interface KeptInput {
  /** Items of the lane, end exclusive. */
  readonly start: number;
  readonly end: number;
  readonly events: number;
  /** Events and values of the lane that were given before it. */
  readonly eventsBefore: number;
  readonly bytes: number;
  /** A copy of the batch, or the packed value. */
  readonly copy: Batch | Uint8Array;
}

/** What is kept in memory of a lane's inputs, the oldest first. */
export class KeptInputs {
  #inputs: KeptInput[];
  #bytes: number;
  /** Of the first so many inputs the segment that is written has been given copies. */
  #appended: number;
  #appendedBytes: number;

  constructor() {
    this.#inputs = [];
    this.#bytes = 0;
    this.#appended = 0;
    this.#appendedBytes = 0;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Bytes that no segment was given yet. */
  get waitingBytes(): number {
    return this.#bytes - this.#appendedBytes;
  }

  get isEmpty(): boolean {
    return this.#inputs.length === 0;
  }

  get first(): KeptInput | undefined {
    return this.#inputs[0];
  }

  /** @throws what a value throws that cannot be read */
  push(input: unknown, start: number, eventsBefore: number): KeptInput {
    const kept = isBatch(input)
      ? keptBatch(input.retain(), start, eventsBefore)
      : keptValue(input, start, eventsBefore);
    this.#inputs.push(kept);
    this.#bytes += kept.bytes;
    return kept;
  }

  /** The one that holds an item. */
  holding(item: number): KeptInput | undefined {
    let low = 0;
    let high = this.#inputs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#inputs[middle]?.end ?? 0) <= item) low = middle + 1;
      else high = middle;
    }
    return this.#inputs[low];
  }

  /** The oldest that the segment that is written was not given. */
  get firstWaiting(): KeptInput | undefined {
    return this.#inputs[this.#appended];
  }

  /** The segment has it, in its memory or its file. */
  appended(): void {
    this.#appendedBytes += this.firstWaiting?.bytes ?? 0;
    this.#appended++;
  }

  /** Forgets the last one: its write was refused. */
  dropLast(): void {
    this.#bytes -= this.#inputs.pop()?.bytes ?? 0;
  }

  /** Forgets what lies before an item; of one that holds it, what is before. */
  dropBefore(item: number): void {
    let count = 0;
    while ((this.#inputs[count]?.end ?? Infinity) <= item) {
      const bytes = this.#inputs[count]?.bytes ?? 0;
      this.#bytes -= bytes;
      if (count < this.#appended) this.#appendedBytes -= bytes;
      count++;
    }
    if (count > 0) this.#inputs.splice(0, count);
    this.#appended = Math.max(0, this.#appended - count);
    const [first] = this.#inputs;
    if (first !== undefined && first.start < item) this.#inputs[0] = withoutFirst(first, item);
  }

  /** The segment was given up: what it has not written waits for another one. */
  appendAgain(): void {
    this.#appended = 0;
    this.#appendedBytes = 0;
  }
}

/** As the inner sink is given it. */
export function inputOf({ copy }: KeptInput): unknown {
  return isBatch(copy) ? copy : unpackWhole(copy);
}

function keptBatch(copy: Batch, start: number, eventsBefore: number): KeptInput {
  const { size, markerCount, memory } = copy.raw;
  return {
    start,
    end: start + size + markerCount,
    events: size,
    eventsBefore,
    bytes: memory.u8.length,
    copy,
  };
}

function keptValue(value: unknown, start: number, eventsBefore: number): KeptInput {
  const copy = packWhole(detached(value));
  return {
    start,
    end: start + 1,
    events: 1,
    eventsBefore,
    bytes: copy.length,
    copy,
  };
}

/** The part of a batch from one of its items on. */
function withoutFirst(kept: KeptInput, item: number): KeptInput {
  if (!isBatch(kept.copy)) return kept;
  const { memory, words, size, markerWords, markerCount } = kept.copy.raw;
  let events = 0;
  let markers = 0;
  for (let skipped = kept.start; skipped < item; skipped++) {
    const marker = markers < markerCount ? (markerWords[markers] ?? 0) : Infinity;
    const event = events < size ? (words[events] ?? 0) : Infinity;
    if (marker < event) markers++;
    else events++;
  }
  const { origin, endTimeUs } = kept.copy;
  const rest = {
    memory,
    words: words.subarray(events),
    size: size - events,
    markerWords: markerWords.subarray(markers),
    markerCount: markerCount - markers,
  };
  const { batch } = lendBatch(rest, origin, endTimeUs);
  const { bytes, eventsBefore } = kept;
  return { ...keptBatch(batch, item, eventsBefore + events), bytes };
}
