import { setTimeout as sleep } from 'node:timers/promises';

import { Kind } from '../../schema/kind.ts';
import type { SlotSpan } from '../../slot/slot-span.ts';
import { walkSlots } from '../../slot/walk-slots.ts';

const KIND_WORD = 2;
const TS_BIG = 2;
/** A span's end time and an event's time are ns, divided: the last bit may differ. */
const ROUNDING_US = 1e-2;
/** So many spans of a lane are held, for so long, as by a sink that asks for time. */
const HELD_SPANS = 3;
const HELD_MS = 10;

interface Broken {
  readonly broken: string[];
}

/** SO11: no event is older than the end time of a span before it, of the same origin; an end time never goes back. */
export class Ages {
  readonly #broken: string[];
  readonly #endTimesUs: Map<string, number>;
  #isFound: boolean;

  constructor({ broken }: Broken) {
    this.#broken = broken;
    this.#isFound = false;
    this.#endTimesUs = new Map();
  }

  look(span: SlotSpan): void {
    const beforeUs = this.#endTimesUs.get(span.origin.id) ?? 0;
    if (span.endTimeUs < beforeUs) {
      this.#find(`the end time went from ${beforeUs} us to ${span.endTimeUs} us`);
    }
    this.#endTimesUs.set(span.origin.id, Math.max(beforeUs, span.endTimeUs));
    const { u32, big } = span.memory;
    if (span.endWord > u32.length) return;
    walkSlots(span, (word) => {
      const kind = (u32[word + KIND_WORD] ?? 0) & 0xff;
      if (kind === Kind.LOSS_MARKER || kind === Kind.CLOCK_ANCHOR) return;
      const tsUs = Number(big[word / 2 + TS_BIG]) / 1000;
      if (tsUs >= beforeUs - ROUNDING_US) return;
      this.#find(`an event of ${tsUs} us comes after a span that ended at ${beforeUs} us`);
    });
  }

  /** The first is enough: the others follow from it. */
  #find(text: string): void {
    if (!this.#isFound) this.#broken.push(`SO11: ${text}`);
    this.#isFound = true;
  }
}

/** SO12: what a span holds stays as it is until the lane asks again, however long a sink takes. */
export class HeldSpans {
  readonly #broken: string[];
  #held: number;

  constructor({ broken }: Broken) {
    this.#broken = broken;
    this.#held = 0;
  }

  async look({ memory, startWord, endWord, mayBeBusy }: SlotSpan): Promise<void> {
    if (mayBeBusy || startWord >= endWord || this.#held >= HELD_SPANS) return;
    this.#held++;
    const before = memory.u8.slice(startWord * 4, endWord * 4);
    await sleep(HELD_MS);
    const now = memory.u8.subarray(startWord * 4, endWord * 4);
    if (before.every((byte, index) => byte === now[index])) return;
    this.#broken.push('SO12: a span changed while the lane was held back');
  }
}
