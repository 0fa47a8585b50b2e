import { Kind, type SlotSpan } from '@sockflow/core';

import { ANY_CB, OP_MASK } from '../../../harness/bench-filter.ts';
import { countByHand } from '../../../pipeline/handwritten.ts';
import type { Found } from '../peer.ts';
import { HAS } from './presence-masks.ts';
import type { SlotLoops } from './slot-loops.ts';
import { everyFieldOfWords } from './typed-array-every.ts';

/** Loops over a Uint32Array, field by field at their words. */
export const typedArrayLoops: SlotLoops = {
  'five-fields': fiveFields,
  'every-field': everyField,
  filter: (spans) => ({ count: countByHand(spans, OP_MASK, ANY_CB), checksum: 0 }),
};

function fiveFields(spans: readonly SlotSpan[]): Found {
  let count = 0;
  let checksum = 0;
  for (const { memory, startWord, endWord } of spans) {
    const { u32 } = memory;
    for (let w = startWord; w < endWord;) {
      const length = u32[w]!;
      if (length >>> 30 === 0 && (u32[w + 2]! & 0xff) === Kind.OP) {
        count++;
        if ((u32[w + 14]! & HAS.srttUs) !== 0) {
          // Of the u64 bytes_acked the lower word is enough modulo 2^32.
          const first = (u32[w + 43]! >>> 3) + u32[w + 42]! + u32[w + 54]!;
          checksum = (checksum + first + u32[w + 38]! + (u32[w + 10]! >>> 16)) | 0;
        }
      }
      w += ((length & 0x3fffffff) + 8) >>> 2;
    }
  }
  return { count, checksum: checksum >>> 0 };
}

function everyField(spans: readonly SlotSpan[]): Found {
  let count = 0;
  let checksum = 0;
  for (const { memory, startWord, endWord } of spans) {
    const { u32 } = memory;
    for (let w = startWord; w < endWord;) {
      const length = u32[w]!;
      if (length >>> 30 === 0 && (u32[w + 2]! & 0xff) === Kind.OP) {
        count++;
        checksum = (checksum + everyFieldOfWords(u32, w)) | 0;
      }
      w += ((length & 0x3fffffff) + 8) >>> 2;
    }
  }
  return { count, checksum: checksum >>> 0 };
}
