import { type Origin, RingConsumer, type RingMemory, type SlotSpan } from '@sockflow/core';

import type { NativeBinding, RingCopy } from '../native/binding-types.ts';
import type { LaneRing } from './lane-ring.ts';

/* Both positions lie at the start of their page (slot/ring/layout.ts of core); their low halves come first. */
const POSITION_I32 = 0;

/**
 * The kernel's ring through a copy in shared memory, where its pages cannot be mapped as such: the same slots, the same walk, a copy more.
 *
 * The copy is filled only when it has been read empty, in the lane's own thread. So what it holds is always of one filling, and all of the kernel's ring before the copied
 * position has been read once the copy is empty.
 */
export class CopiedRing implements LaneRing {
  readonly #consumer: RingConsumer;
  readonly #copy: RingCopy;
  readonly #released: Int32Array;
  readonly #published: Int32Array;
  #walkedPosition: number;

  constructor(binding: NativeBinding, ringFd: number, memory: RingMemory, origin: Origin) {
    const { capacityBytes, consumerPage, producerPage, data, dataOffset } = memory;
    this.#consumer = new RingConsumer(memory, { origin });
    this.#released = new Int32Array(consumerPage, 0, 1);
    this.#published = new Int32Array(producerPage, 0, 1);
    this.#copy = binding.openRingCopy(ringFd, {
      capacityBytes,
      // Views: Node-API of Node 20 refuses shared buffers themselves.
      consumerPage: new Uint8Array(consumerPage),
      producerPage: new Uint8Array(producerPage),
      data: new Uint8Array(data, dataOffset, capacityBytes),
    });
    this.#walkedPosition = this.#copy.copiedPosition();
  }

  get events(): number {
    return this.#consumer.events;
  }

  reservedPosition(): number {
    return this.#copy.reservedPosition();
  }

  walkedPosition(): number {
    return this.#walkedPosition;
  }

  peek(): SlotSpan | undefined {
    const rest = this.#consumer.peek();
    if (rest !== undefined) return this.#given(rest);
    this.#copy.copy();
    const span = this.#consumer.peek();
    if (span !== undefined) return this.#given(span);
    this.#walkedPosition = this.#copy.copiedPosition();
    return undefined;
  }

  release(): void {
    this.#consumer.release();
  }

  isReady(): boolean {
    return this.#consumer.isReady() || this.#copy.copy() > 0;
  }

  close(): void {
    this.#consumer.close();
    this.#copy.close();
  }

  /** With the last of a filling everything that was copied has been given. */
  #given(span: SlotSpan): SlotSpan {
    if (this.#isLast(span)) this.#walkedPosition = this.#copy.copiedPosition();
    return span;
  }

  #isLast(span: SlotSpan): boolean {
    const released = Atomics.load(this.#released, POSITION_I32);
    const spanBytes = (span.endWord - span.startWord) * 4;
    return ((released + spanBytes) | 0) === Atomics.load(this.#published, POSITION_I32);
  }
}
