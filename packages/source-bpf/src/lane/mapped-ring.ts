import { type Origin, RingConsumer, type RingMemory, type SlotSpan } from '@sockflow/core';

import type { LaneRing } from './lane-ring.ts';

/* Both positions lie at the start of their page (slot/ring/layout.ts of core); their low halves come first. */
const POSITION_I32 = 0;

/** The kernel's own pages, read in place. */
export class MappedRing implements LaneRing {
  readonly #consumer: RingConsumer;
  readonly #reserved: Int32Array;
  readonly #released: Int32Array;
  #takenBytes: number;

  constructor(memory: RingMemory, origin: Origin) {
    this.#consumer = new RingConsumer(memory, { origin });
    this.#reserved = new Int32Array(memory.producerPage, 0, 1);
    this.#released = new Int32Array(memory.consumerPage, 0, 1);
    this.#takenBytes = 0;
  }

  get events(): number {
    return this.#consumer.events;
  }

  reservedPosition(): number {
    return Atomics.load(this.#reserved, POSITION_I32);
  }

  walkedPosition(): number {
    return (Atomics.load(this.#released, POSITION_I32) + this.#takenBytes) | 0;
  }

  peek(): SlotSpan | undefined {
    const span = this.#consumer.peek();
    this.#takenBytes = span === undefined ? 0 : (span.endWord - span.startWord) * 4;
    return span;
  }

  release(): void {
    this.#consumer.release();
    this.#takenBytes = 0;
  }

  isReady(): boolean {
    return this.#consumer.isReady();
  }

  close(): void {
    this.#consumer.close();
  }
}
