import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { Kind } from '../../schema/kind.ts';
import { BUSY_BIT, DISCARD_BIT, SLOT_BYTES, SLOT_WITH_HEADER_BYTES } from '../layout.ts';
import { RingWalk } from './ring-walk.ts';

/* What may lie in a ring, by name. */
const SLOTS = {
  event: { bytes: SLOT_BYTES, kind: Kind.OP, bits: 0 },
  summary: { bytes: SLOT_BYTES, kind: Kind.RTT_SUMMARY, bits: 0 },
  loss: { bytes: SLOT_BYTES, kind: Kind.LOSS_MARKER, bits: 0 },
  anchor: { bytes: SLOT_BYTES, kind: Kind.CLOCK_ANCHOR, bits: 0 },
  long: { bytes: SLOT_WITH_HEADER_BYTES, kind: Kind.OP, bits: 0 },
  discarded: { bytes: SLOT_BYTES, kind: Kind.OP, bits: DISCARD_BIT },
  busy: { bytes: SLOT_BYTES, kind: Kind.OP, bits: BUSY_BIT },
  damaged: { bytes: SLOT_BYTES - 1, kind: Kind.OP, bits: 0 },
} as const;
type SlotName = keyof typeof SLOTS;

/* Mostly usual slots: long runs of them are what the walk is made for. */
const names = fc.array(
  fc.oneof(
    { weight: 30, arbitrary: fc.constant<SlotName>('event') },
    { weight: 1, arbitrary: fc.constantFrom(...(Object.keys(SLOTS) as SlotName[])) },
  ),
  { maxLength: 60 },
);

interface Laid {
  readonly words: Uint32Array;
  readonly endWord: number;
  /** Where each slot begins. */
  readonly starts: readonly number[];
}

function lay(slots: readonly SlotName[], firstWord: number): Laid {
  const words = new Uint32Array(firstWord + slots.length * (SLOT_WITH_HEADER_BYTES / 4));
  const starts: number[] = [];
  let word = firstWord;
  for (const name of slots) {
    const { bytes, kind, bits } = SLOTS[name];
    starts.push(word);
    words[word] = (bytes - 8) | bits;
    words[word + 2] = kind;
    words[word + 4] = starts.length * 1000;
    word += Math.ceil(bytes / 64) * 16;
  }
  return { words, endWord: word, starts };
}

/* One slot after another, by what they are called. */
function expected(slots: readonly SlotName[], laid: Laid, maxSlots: number): object {
  let events = 0;
  let markers = 0;
  let lastTimeUs = -1;
  let index = 0;
  for (; index < Math.min(slots.length, maxSlots); index++) {
    const name = slots[index]!;
    if (name === 'busy' || name === 'damaged') break;
    if (name === 'discarded') continue;
    if (name === 'loss' || name === 'anchor') markers++;
    else events++;
    lastTimeUs = index + 1;
  }
  const stopped = index < maxSlots ? slots[index] : undefined;
  return {
    endWord: laid.starts[index] ?? laid.endWord,
    events,
    markers,
    lastTimeUs,
    isBusy: stopped === 'busy',
    isDamaged: stopped === 'damaged',
  };
}

test('a walk by groups finds what a walk slot by slot finds, whatever lies between the usual slots', () => {
  const walk = new RingWalk();
  fc.assert(
    fc.property(names, fc.integer({ min: 1, max: 64 }), fc.nat(3), (slots, maxSlots, lines) => {
      const laid = lay(slots, lines * 16);
      walk.run(laid.words, lines * 16, laid.endWord, maxSlots, true);
      const { endWord, events, markers, lastTimeUs, isBusy, isDamaged } = walk;
      assert.deepEqual(
        { endWord, events, markers, lastTimeUs, isBusy, isDamaged },
        expected(slots, laid, maxSlots),
      );
    }),
    { numRuns: 2000 },
  );
});
