import { DISCARD_BIT, SlotMemory, type SlotSpan, stampPresence } from '@sockflow/core';

import { type GenerateOptions, generateSlots } from '../generate/index.ts';
import { WORD } from '../slot-words.ts';
import { EventCursor } from './event-cursor.ts';

/** Generated events side by side in one memory, to be found and corrupted one at a time. */
export class Tape {
  readonly memory: SlotMemory;
  /** Word index of each event. */
  readonly slots: readonly number[];
  readonly #endWord: number;

  constructor(options: GenerateOptions) {
    const { spans, summary } = generateSlots(options);
    this.memory = SlotMemory.allocate(summary.bytes);
    const slots: number[] = [];
    let word = 0;
    for (const span of spans) {
      this.memory.u32.set(span.memory.u32.subarray(span.startWord, span.endWord), word);
      word += span.endWord - span.startWord;
    }
    for (let slot = 0; slot < word; slot += (this.memory.u32[slot]! + 8) / 4) {
      slots.push(slot);
    }
    this.slots = slots;
    this.#endWord = word;
  }

  get span(): SlotSpan {
    return {
      memory: this.memory,
      startWord: 0,
      endWord: this.#endWord,
      origin: { id: 'tape' },
      mayBeBusy: false,
      mayHoldOtherLanes: true,
      mayHoldMarkers: false,
      endTimeUs: 0,
    };
  }

  event(index: number): EventCursor {
    const event = new EventCursor();
    event.words = this.memory.u32;
    event.slot = this.slots[index]!;
    return event;
  }

  /** Number of the first event from `start` on that fits; there must be one. */
  find(fits: (event: EventCursor, index: number) => boolean, start = 0): number {
    for (let index = start; index < this.slots.length; index++) {
      if (fits(this.event(index), index)) {
        return index;
      }
    }
    throw new RangeError('no event fits');
  }

  /** Number of the next event of the same connection; -1 where there is none. */
  next(index: number): number {
    const cookieOf = (event: EventCursor): string =>
      `${event.long(WORD.netns)}/${event.long(WORD.cookie)}`;
    const cookie = cookieOf(this.event(index));
    for (let other = index + 1; other < this.slots.length; other++) {
      if (cookieOf(this.event(other)) === cookie) {
        return other;
      }
    }
    return -1;
  }

  /** Leaves the event out. */
  discard(index: number): void {
    this.memory.u32[this.slots[index]!]! |= DISCARD_BIT;
  }

  /** Changes words of the event and stamps its presence anew. */
  change(index: number, change: (words: Uint32Array, slot: number) => void): void {
    const slot = this.slots[index]!;
    change(this.memory.u32, slot);
    stampPresence(this.memory.u32, slot, 0xffffffff, 0xffffffff);
  }

  /** Sets one word of the event. */
  set(index: number, name: keyof typeof WORD, value: number, after = 0): void {
    this.change(index, (words, slot) => {
      words[slot + WORD[name] + after] = value;
    });
  }
}
