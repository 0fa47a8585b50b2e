import { type Origin, stampPresence } from '@sockflow/core';

import { WORD } from '../slot-words.ts';
import type { EventCursor } from './event-cursor.ts';
import { hex } from './hex.ts';
import type { Finding } from './report.ts';

const STAMP_WORDS = 80;
const ALL_CAPTURED = 0xffffffffffffffffn;

/** What is known of one origin's fields: bits that were present somewhere, and bits that the rule gives and that were missing. */
interface Knowledge {
  readonly capturedLow: number;
  readonly capturedHigh: number;
  seenLow: number;
  seenHigh: number;
  missedLow: number;
  missedHigh: number;
}

/**
 * V1. A field that the rule gives may be missing where its origin's loader could not read it: that is what `captured` says. Where `captured` says nothing of it, as
 * in recordings converted from other programs' events, it must then be missing in all events.
 */
export class PresenceCheck {
  readonly #stamped: Uint32Array;
  readonly #byOrigin: Map<string, Knowledge>;
  #known: Knowledge;

  constructor() {
    this.#stamped = new Uint32Array(STAMP_WORDS);
    this.#byOrigin = new Map();
    this.#known = this.useOrigin({ id: '' });
  }

  /** The events to come are this origin's. */
  useOrigin(origin: Origin): Knowledge {
    let known = this.#byOrigin.get(origin.id);
    if (known === undefined) {
      const captured = origin.captured ?? ALL_CAPTURED;
      known = {
        capturedLow: Number(captured & 0xffffffffn),
        capturedHigh: Number(captured >> 32n),
        seenLow: 0,
        seenHigh: 0,
        missedLow: 0,
        missedHigh: 0,
      };
      this.#byOrigin.set(origin.id, known);
    }
    this.#known = known;
    return known;
  }

  check(event: EventCursor): Finding | undefined {
    const known = this.#known;
    const stamped = this.#stamped;
    const length = Math.min(STAMP_WORDS, event.words.length - event.slot);
    for (let index = 0; index < length; index++) {
      stamped[index] = event.words[event.slot + index]!;
    }
    stampPresence(stamped, 0, known.capturedLow, known.capturedHigh);
    const expectedLow = stamped[WORD.presence]!;
    const expectedHigh = stamped[WORD.presence + 1]!;
    const low = event.word(WORD.presence);
    const high = event.word(WORD.presence + 1);
    const missingLow = expectedLow & ~low;
    const missingHigh = expectedHigh & ~high;
    const hasTooMany = ((low & ~expectedLow) | (high & ~expectedHigh)) !== 0;
    const lacksSeen = ((missingLow & known.seenLow) | (missingHigh & known.seenHigh)) !== 0;
    const hasMissed = ((low & known.missedLow) | (high & known.missedHigh)) !== 0;
    if (hasMissed) {
      known.missedLow &= ~low;
      known.missedHigh &= ~high;
    }
    if (hasTooMany || lacksSeen || hasMissed) {
      return {
        rule: 'V1',
        expected: hasMissed
          ? 'fields that were missing before to be missing'
          : `presence ${hex(expectedHigh)}:${hex(expectedLow)}`,
        found: `${hex(high)}:${hex(low)}`,
      };
    }
    known.seenLow |= low;
    known.seenHigh |= high;
    known.missedLow |= missingLow;
    known.missedHigh |= missingHigh;
    return undefined;
  }
}
