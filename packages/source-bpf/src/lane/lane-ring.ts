import type { SlotSpan } from '@sockflow/core';

/** A kernel ring as its lane reads it: in place, or through a copy. */
export interface LaneRing {
  /** Slots given so far that are no markers. */
  readonly events: number;
  /** Bytes that the program has reserved so far, modulo 2^32. */
  reservedPosition(): number;
  /** Bytes of the kernel's ring that were given to the lane so far, the span now out included, modulo 2^32. */
  walkedPosition(): number;
  /** The next published slots, or `undefined` where there are none now. VALID UNTIL `release`. */
  peek(): SlotSpan | undefined;
  release(): void;
  /** Whether `peek` would find something. */
  isReady(): boolean;
  close(): void;
}
