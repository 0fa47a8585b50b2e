import {
  type Origin,
  SlotMemory,
  type SlotSpan,
  writeClockAnchor,
  writeLossMarker,
} from '@sockflow/core';

import type { NativeClocks } from '../native/binding-types.ts';
import type { FinalGap } from '../source-control.ts';

const MARKER_BYTES = 1024;

/** Spans of one marker or none, in memory of the lane's own: what is not in the kernel's ring. */
export class MarkerSpan {
  readonly #memory: SlotMemory;
  readonly #span: { -readonly [K in keyof SlotSpan]: SlotSpan[K] };

  constructor(origin: Origin) {
    this.#memory = SlotMemory.allocate(MARKER_BYTES);
    this.#span = {
      memory: this.#memory,
      startWord: 0,
      endWord: 0,
      origin,
      mayBeBusy: false,
      mayHoldOtherLanes: false,
      mayHoldMarkers: false,
      endTimeUs: 0,
    };
  }

  /** VALID UNTIL the next call, as each span here. */
  anchor(clocks: NativeClocks, endTimeUs: number): SlotSpan {
    const { bootNs, realtimeNs, monotonicNs, uncertaintyNs } = clocks;
    const bytes = writeClockAnchor(this.#memory, 0, {
      tsNs: bootNs,
      realtimeNs,
      monotonicNs,
      uncertaintyNs,
    });
    return this.#fill(bytes, endTimeUs);
  }

  loss(gap: FinalGap, lane: number, tsNs: bigint, endTimeUs: number): SlotSpan {
    const bytes = writeLossMarker(this.#memory, 0, {
      tsNs,
      gapStartNs: gap.startNs,
      lostRingFull: gap.ringFull,
      lostShedFirst: gap.shedFirst,
      lostShedLast: gap.shedLast,
      lostDamaged: 0,
      lane,
    });
    return this.#fill(bytes, endTimeUs);
  }

  /** Nothing but the time. */
  time(endTimeUs: number): SlotSpan {
    return this.#fill(0, endTimeUs);
  }

  #fill(bytes: number, endTimeUs: number): SlotSpan {
    this.#span.endWord = bytes / 4;
    this.#span.mayHoldMarkers = bytes > 0;
    this.#span.endTimeUs = endTimeUs;
    return this.#span;
  }
}
