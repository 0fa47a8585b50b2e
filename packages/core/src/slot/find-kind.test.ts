import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { findKind } from './find-kind.ts';
import { BUSY_BIT, DISCARD_BIT } from './layout.ts';
import { SlotMemory } from './slot-memory.ts';
import type { SlotSpan } from './slot-span.ts';
import { walkSlots } from './walk-slots.ts';

const KINDS = [1, 2, 5];

/** Length words of slots, most of the usual length, and what is no slot at all. */
const lengthWord = fc.oneof(
  { weight: 12, arbitrary: fc.constant(248) },
  { weight: 2, arbitrary: fc.constantFrom(312, 376) },
  { weight: 2, arbitrary: fc.constantFrom(56 | DISCARD_BIT, 248 | DISCARD_BIT) },
  { weight: 1, arbitrary: fc.constantFrom((248 | BUSY_BIT) >>> 0, 0, 250, 184, 65592) },
);

test('finds each slot of a kind that a walk over all slots finds, whatever lies between', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(lengthWord, fc.constantFrom(...KINDS, 1, 1, 1)), { maxLength: 24 }),
      fc.boolean(),
      fc.constantFrom(0, 16, 40),
      (slots, mayBeBusy, cutWords) => {
        const memory = SlotMemory.allocate(65536);
        let w = 0;
        for (const [length, kind] of slots) {
          memory.u32[w] = length;
          memory.u32[w + 2] = kind;
          w += ((length & 0x3ff) + 8) >>> 2;
        }
        const endWord = Math.max(0, w - cutWords);
        const span = { memory, startWord: 0, endWord, mayBeBusy } as SlotSpan;
        for (const kind of KINDS) {
          const expected: number[] = [];
          walkSlots(span, (word) => {
            if (memory.u32[word + 2] === kind) expected.push(word);
          });
          const found: number[] = [];
          let at = findKind(span, 0, kind);
          while (at < endWord) {
            found.push(at);
            at = findKind(span, at + ((memory.u32[at]! & 0x3fffffff) + 8) / 4, kind);
          }
          assert.deepEqual(found, expected);
        }
      },
    ),
    { numRuns: 500 },
  );
});
