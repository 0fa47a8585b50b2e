import { Kind, SLOT_BYTES } from '@sockflow/core';

import { BLOCK, KIND_COUNTS } from '../format/layout.ts';

/**
 * Whether what a block's header says of its slots can be true of any payload (F6, F7): a header with a right checksum that says otherwise was written wrongly, and counting
 * by it would make the books of a replay wrong. What it says of slots that it could have, only reading them would show.
 *
 * @param u32At the word at an offset, in bytes, of the header
 */
export function areCountsSound(u32At: (offset: number) => number): boolean {
  const slots = u32At(BLOCK.slotsOffset);
  const payloadBytes = u32At(BLOCK.payloadBytesOffset);
  if (slots * SLOT_BYTES > payloadBytes || (slots === 0) !== (payloadBytes === 0)) return false;
  let ofKinds = 0;
  for (let kind = 0; kind < KIND_COUNTS; kind++) {
    ofKinds += u32At(BLOCK.kindCountsOffset + kind * 4);
  }
  if (ofKinds !== slots) return false;
  const firstHigh = u32At(BLOCK.firstTimeOffset + 4);
  const lastHigh = u32At(BLOCK.lastTimeOffset + 4);
  if (firstHigh > lastHigh) return false;
  const isSameHigh = firstHigh === lastHigh;
  if (isSameHigh && u32At(BLOCK.firstTimeOffset) > u32At(BLOCK.lastTimeOffset)) return false;
  // A block without a bucket is in no lane; only clock anchors, which are in all of them, need none.
  const buckets = u32At(BLOCK.laneBucketsOffset) | u32At(BLOCK.laneBucketsOffset + 4);
  return buckets !== 0 || slots === u32At(BLOCK.kindCountsOffset + Kind.CLOCK_ANCHOR * 4);
}
